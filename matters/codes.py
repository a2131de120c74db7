"""Code lists of matters with their words. Sources: GB/T 39046—2020 appendix A; where it has no list, or
practice has outgrown it (service objects), the national exchange tables. Theme codes: the same tables.
"""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

Codes = dict[str, str | Promise]

TASK_TYPES: Codes = {
    "01": _("行政许可"),
    "02": _("行政处罚"),
    "03": _("行政强制"),
    "04": _("行政征收"),
    "05": _("行政给付"),
    "06": _("行政检查"),
    "07": _("行政确认"),
    "08": _("行政奖励"),
    "09": _("行政裁决"),
    "10": _("其他类别"),
    "20": _("公共服务"),
}
USE_LEVELS: Codes = {
    "1": _("国家级"),
    "2": _("省级"),
    "3": _("市级"),
    "4": _("县级"),
    "5": _("镇（乡、街道）级"),
    "6": _("村（社区）级"),
    "7": _("分级管理"),
}
DEPT_TYPES: Codes = {"1": _("法定机关"), "2": _("授权组织"), "3": _("受委托组织"), "9": _("其他")}
POWER_SOURCES: Codes = {
    "1": _("法定本级行使"),
    "2": _("上级下放"),
    "3": _("上级授权"),
    "4": _("同级授权"),
    "5": _("上级委托"),
    "6": _("同级委托"),
}
# Practice; GB/T 39046 itself has 5 行政机关, 6 其他组织.
SERVICE_OBJECTS: Codes = {
    "1": _("自然人"),
    "2": _("企业法人"),
    "3": _("事业法人"),
    "4": _("社会组织法人"),
    "5": _("非法人企业"),
    "6": _("行政机关"),
    "9": _("其他组织"),
}
AT_WINDOW = "1"
HANDLE_TYPES: Codes = {
    AT_WINDOW: _("窗口办理"),
    "2": _("电脑端网上办理"),
    "3": _("移动端网上办理"),
    "4": _("快递申请"),
    "9": _("其他"),
}
INSTANT, PROMISED = "1", "2"
PROJECT_TYPES: Codes = {INSTANT: _("即办件"), PROMISED: _("承诺件"), "9": _("其他")}
VISITS: Codes = {"0": _("0 次"), "1": _("1 次"), "2": _("2 次"), "n": _("多次")}
ONLINE_DEPTHS: Codes = {
    "1": _("互联网咨询"),
    "2": _("互联网收件"),
    "3": _("互联网预审"),
    "4": _("互联网受理"),
    "5": _("互联网办理"),
    "6": _("互联网办理结果信息反馈"),
    "7": _("互联网电子证照反馈"),
    "8": _("其他"),
}
AREAS: Codes = {
    "1": _("全国"),
    "2": _("全省"),
    "3": _("全市"),
    "4": _("全县"),
    "5": _("全镇（乡、街道）"),
    "6": _("跨村（社区）"),
}
NO_RESULT = "4"
RESULT_KINDS: Codes = {
    "1": _("证照"),
    "2": _("批文"),
    "3": _("其他"),
    NO_RESULT: pgettext_lazy("result", "无"),
}
REQUIRED, OPTIONAL, DEFERRABLE = "1", "2", "3"
NECESSITIES: Codes = {REQUIRED: _("必要"), OPTIONAL: _("非必要"), DEFERRABLE: _("容缺后补")}
CERTIFICATE, FORM = "1", "2"
MATERIAL_TYPES: Codes = {CERTIFICATE: _("证件证书证明"), FORM: _("申请表格文书"), "3": _("其他")}
MATERIAL_FORMATS: Codes = {"1": _("纸质"), "2": _("电子化"), "3": _("纸质或电子化")}
MATERIAL_SOURCES: Codes = {
    "10": _("申请人自备"),
    "20": _("政府部门核发"),
    "30": _("中介机构出具"),
    "99": _("其他"),
}
ON_PAPER, ATTACHED, SCANNED = "1", "2", "3"
COLLECT_TYPES: Codes = {
    ON_PAPER: _("纸质收取"),
    ATTACHED: _("附件上传"),
    SCANNED: _("扫描"),
    "4": _("容缺后补"),
    "5": _("证照库"),
}
# 行政许可法 45: the eight whose time does not count towards the statutory term.
EXCLUDED_BY_LAW = (
    "hearing",
    "bidding",
    "auction",
    "inspection",
    "testing",
    "quarantine",
    "appraisal",
    "expert_review",
)
SPECIAL_PROCEDURES: Codes = {
    "hearing": _("听证"),
    "bidding": _("招标"),
    "auction": _("拍卖"),
    "inspection": _("检验"),
    "testing": _("检测"),
    "quarantine": _("检疫"),
    "appraisal": _("鉴定"),
    "expert_review": _("专家评审"),
    "site_visit": _("现场勘验"),
    "technical_review": _("技术审查"),
    "other": _("其他"),
}
FLAGS: Codes = {
    "instant": _("即办"),
    "online": _("全程网办"),
    "pledge": _("可告知承诺"),
    "deferral": _("可容缺受理"),
}
PLEDGE_KINDS: Codes = {"proof": _("代替证明材料"), "condition": _("代替许可条件的审查")}
PLEDGE_PARTS: Codes = {
    "text": _("承诺内容"),
    "kind": _("承诺方式"),
    "duty": _("证明义务"),
    "liability": _("不实承诺的法律责任"),
    "check_method": _("核查方式"),
    "check_term": _("核查期限"),
    "public": _("承诺书是否公开"),
    "assessment": _("风险评估"),
}
# 寧政發〔2022〕32號 二(四): where no pledge may take the place of a proof or a condition.
PLEDGE_EXCLUSIONS: Codes = {
    "state_security": _("国家安全"),
    "state_secret": _("国家秘密"),
    "public_safety": _("公共安全"),
    "financial": _("金融业审慎监管"),
    "ecology": _("生态环境保护"),
    "health": _("直接关系人身健康"),
    "life_property": _("直接关系生命财产安全"),
    "foreign": _("重要涉外"),
    "irreparable": _("风险较大、纠错成本较高、损害难以挽回"),
}
AUDIENCES: Codes = {"natural": _("个人"), "legal": _("法人")}
NATURAL_THEMES: Codes = {
    "005": _("生育收养"),
    "010": _("户籍办理"),
    "015": _("民族宗教"),
    "020": _("教育科研"),
    "025": _("入伍服役"),
    "030": _("就业创业"),
    "035": _("设立变更"),
    "040": _("准营准办"),
    "045": _("抵押质押"),
    "050": _("职业资格"),
    "055": _("行政缴费"),
    "060": _("婚姻登记"),
    "065": _("优待抚恤"),
    "070": _("规划建设"),
    "075": _("住房保障"),
    "085": _("社会保障（社会保险、社会救助）"),
    "090": _("证件办理"),
    "095": _("交通出行"),
    "100": _("旅游观光"),
    "105": _("出境入境"),
    "110": _("消费维权"),
    "115": _("公共安全"),
    "120": _("司法公证"),
    "125": _("知识产权"),
    "130": _("环保绿化"),
    "135": _("文化体育"),
    "140": _("公用事业"),
    "145": _("医疗卫生"),
    "150": _("离职退休"),
    "155": _("死亡殡葬"),
    "998": _("地方特色分类"),
    "999": _("其他"),
}
LEGAL_THEMES: Codes = {
    "005": _("设立变更"),
    "010": _("准营准办"),
    "015": _("资质认证"),
    "020": _("年检年审"),
    "025": _("税收财务"),
    "030": _("人力资源"),
    "035": _("社会保障"),
    "040": _("投资审批"),
    "045": _("融资信贷"),
    "050": _("抵押质押"),
    "055": _("商务贸易"),
    "060": _("招标拍卖"),
    "065": _("海关口岸"),
    "070": _("涉外服务"),
    "075": _("农林牧渔"),
    "085": _("国土和规划建设"),
    "090": _("交通运输"),
    "095": _("环保绿化"),
    "100": _("应对气候变化"),
    "105": _("水务气象"),
    "110": _("医疗卫生"),
    "115": _("科技创新"),
    "120": _("文体教育"),
    "125": _("知识产权"),
    "130": _("民族宗教"),
    "135": _("质量技术"),
    "140": _("检验检疫"),
    "145": _("安全生产"),
    "150": _("公安消防"),
    "155": _("司法公证"),
    "160": _("公用事业"),
    "165": _("法人注销"),
    "170": _("档案文物"),
    "998": _("地方特色分类"),
    "999": _("其他"),
}
THEMES = {"natural": NATURAL_THEMES, "legal": LEGAL_THEMES}


TERMS: Codes = {
    "workday": ngettext_lazy("%(n)s 个工作日", "%(n)s 个工作日", "n"),
    "day": ngettext_lazy("%(n)s 日", "%(n)s 日", "n"),
    "month": ngettext_lazy("%(n)s 个月", "%(n)s 个月", "n"),
    "year": ngettext_lazy("%(n)s 年", "%(n)s 年", "n"),
}


def listed(codes: Codes, values: list[str]) -> str:
    """The words of several codes; an unknown code shows itself."""
    return gettext("、").join(str(codes.get(value, value)) for value in values)


def term(term: dict[str, Any]) -> str:
    """A term of a guide's document in words; whole years are said as years."""
    amount, unit = term["amount"], term["unit"]
    if unit == "month" and amount % 12 == 0:
        amount, unit = amount // 12, "year"
    return str(TERMS[unit] % {"n": amount})
