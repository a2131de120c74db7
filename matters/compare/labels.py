"""What the parts of a guide's document are called, and how their values read."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from matters import codes
from matters.codes import Codes

Words = dict[str, str | Promise]

# Section of each part at the top of the document; what is not named belongs to the last.
SECTIONS: Words = {
    "terms": _("时限"),
    "visits": _("到现场次数"),
    "conditions": _("受理条件"),
    "situations": _("情形"),
    "materials": _("申请材料"),
    "form": _("申请表"),
    "process": _("办理流程"),
    "channels": _("办理流程"),
    "special_procedures": _("特别程序"),
    "fees": _("收费"),
    "results": _("办理结果"),
    "places": _("办理地点"),
    "online": _("网上办理"),
    "services": _("办理服务"),
    "pledge": _("告知承诺"),
    "intermediaries": _("中介服务"),
    "basis": _("设定依据"),
    "rights": _("权利与救济"),
    "duties": _("权利与救济"),
    "remedies": _("权利与救济"),
    "faq": _("常见问题"),
    "enquiry": _("咨询和投诉"),
    "complaint": _("咨询和投诉"),
}
OTHER = _("基本信息")

# By the last two steps of the path (without numbers), else by the last.
LABELS: Words = {
    "name": _("名称"),
    "item": _("业务办理项"),
    "summary": _("简介"),
    "power_source": _("权力来源"),
    "service_objects": _("服务对象"),
    "handle_types": _("办理形式"),
    "project_type": _("办件类型"),
    "acceptance": _("受理期限"),
    "statutory": _("法定办结时限"),
    "promised": _("承诺办结时限"),
    "issue": _("颁发、送达期限"),
    "silence_basis": _("逾期视为受理的依据"),
    "basis": _("依据"),
    "explain": _("说明"),
    "visits.count": _("到现场次数"),
    "visits.reason": _("到现场次数说明"),
    "conditions": _("条件"),
    "rights": _("权利"),
    "duties": _("义务"),
    "who": _("办理人"),
    "term": _("时限"),
    "what": _("做什么"),
    "channels.online": _("网上办理步骤"),
    "channels.counter": _("窗口办理步骤"),
    "kind": _("类型"),
    "charged": _("收费"),
    "charge_basis": _("收费依据"),
    "excluded_from_statutory": _("不计入法定时限"),
    "exclusion_basis": _("不计入时限的依据"),
    "note": _("说明"),
    "standard": _("标准"),
    "reducible": _("允许减免"),
    "reduction": _("减免办法"),
    "type": _("类型"),
    "necessity": _("必要性"),
    "deferrable_days": _("容缺补交期限（工作日）"),
    "format": _("材料形式"),
    "source_type": _("来源渠道"),
    "source": _("来源"),
    "issuer": _("出具单位"),
    "original": _("原件份数"),
    "copy": _("复印件份数"),
    "collect": _("收取方式"),
    "certificate_type": _("对应的电子证照"),
    "materials.standard": _("受理标准"),
    "blank": _("空白表"),
    "results.sample": _("样本"),
    "sample": _("样表"),
    "text": _("内容"),
    "file": _("文件"),
    "max_bytes": _("文件大小上限（字节）"),
    "max_pages": _("页数上限"),
    "type_code": _("证照类型代码"),
    "number_prefix": _("编号前缀"),
    "validity": _("有效期"),
    "delivery": _("送达方式"),
    "title": _("标题"),
    "help": _("填写说明"),
    "label": _("名称"),
    "value": _("内容"),
    "statement": _("声明内容"),
    "required": _("必填"),
    "sensitive": _("加密保存"),
    "max_length": _("字数上限"),
    "minimum": _("最小值"),
    "maximum": _("最大值"),
    "decimals": _("小数位数"),
    "unit": _("单位"),
    "within": _("地区范围"),
    "prefill": _("自动填写来源"),
    "show_if": _("显示条件"),
    "step": _("所在步骤"),
    "question": _("问题"),
    "answer": _("回答"),
    "window": _("窗口"),
    "address": _("地址"),
    "hours": _("办理时间"),
    "phone": _("电话"),
    "transport": _("交通"),
    "enquiry.phones": _("咨询电话"),
    "complaint.phones": _("投诉电话"),
    "enquiry.note": _("咨询说明"),
    "complaint.note": _("投诉说明"),
    "review_authority": _("行政复议机关"),
    "court": _("管辖法院"),
    "themes.natural": _("面向自然人的主题"),
    "themes.legal": _("面向法人的主题"),
    "keywords": _("关键词"),
    "online.available": _("网上办理"),
    "online.full": _("全程网办"),
    "online.depth": _("网办深度"),
    "online.single_login": _("单点登录"),
    "online.pay": _("网上支付"),
    "area": _("通办范围"),
    "pledge.available": _("告知承诺"),
    "pledge.text": _("承诺内容"),
    "pledge.kind": _("承诺方式"),
    "duty": _("证明义务"),
    "liability": _("不实承诺的法律责任"),
    "check_method": _("核查方式"),
    "check_term": _("核查期限"),
    "public": _("承诺书是否公开"),
    "online.url": _("网上办理地址"),
    "desktop_url": _("电脑端办理地址"),
    "mobile_url": _("移动端办理地址"),
    "appointment_quota": _("预约名额"),
    "appointment_rule": _("预约规则"),
    "post_materials": _("材料可以邮寄"),
    "post_results": _("结果可以邮寄"),
    "page_format": _("纸质材料规格"),
    "sample_file": _("样本文件"),
    "town.code": _("乡镇（街道）代码"),
    "town.name": _("乡镇（街道）"),
    "village.code": _("村（社区）代码"),
    "village.name": _("村（社区）"),
    "parent.catalog_code": _("主项编码"),
    "parent.name": _("主项名称"),
    "assessment": _("风险评估"),
    "assessment.excluded": _("不能承诺的情形"),
    "assessment.reason": _("评估理由"),
    "assessment.on": _("评估日期"),
    "entrusted_to": _("受委托机构"),
    "joint_agencies": _("联办机构"),
    "process": _("流程"),
    "fee": _("收费"),
    "quantity_limit": _("数量限制"),
    "in_centre": _("进驻政务大厅"),
    "appointment": _("预约办理"),
    "express": _("物流快递"),
    "terminals": _("自助终端办理"),
    "law": _("法律名称"),
    "article": _("条款"),
    "content": _("条文内容"),
    "agency.name": _("实施主体"),
    "uscc": _("实施主体编码"),
    "dept_type": _("实施主体性质"),
    "level": _("机关层级"),
    "region_code": _("所在地区"),
    "use_level": _("行使层级"),
    "task_code": _("实施编码"),
    "task_type": _("事项类型"),
    "regime": _("适用的规则"),
    "catalog_code": _("基本编码"),
    "local_catalog_code": _("地方基本编码"),
    "directory_version": _("目录版本"),
}

# One item of a list: what it is called in a sentence.
NOUNS: Words = {
    "situations": pgettext_lazy("item", "情形问题"),
    "options": pgettext_lazy("item", "选项"),
    "materials": pgettext_lazy("item", "材料"),
    "form.steps": pgettext_lazy("item", "申请表步骤"),
    "fields": pgettext_lazy("item", "填写项目"),
    "choices": pgettext_lazy("item", "选项"),
    "process": pgettext_lazy("item", "环节"),
    "special_procedures": pgettext_lazy("item", "特别程序"),
    "fees.items": pgettext_lazy("item", "收费项目"),
    "results": pgettext_lazy("item", "办理结果"),
    "contents": pgettext_lazy("item", "证照内容"),
    "places": pgettext_lazy("item", "办理地点"),
    "faq": pgettext_lazy("item", "常见问题"),
    "basis": pgettext_lazy("item", "设定依据"),
    "intermediaries": pgettext_lazy("item", "中介服务"),
    "conditions": pgettext_lazy("item", "条件"),
    "rights": pgettext_lazy("item", "权利"),
    "duties": pgettext_lazy("item", "义务"),
}

_CODES: dict[str, Codes] = {
    "power_source": codes.POWER_SOURCES,
    "service_objects": codes.SERVICE_OBJECTS,
    "handle_types": codes.HANDLE_TYPES,
    "project_type": codes.PROJECT_TYPES,
    "visits.count": codes.VISITS,
    "special_procedures.kind": codes.SPECIAL_PROCEDURES,
    "results.kind": codes.RESULT_KINDS,
    "pledge.kind": codes.PLEDGE_KINDS,
    "assessment.excluded": codes.PLEDGE_EXCLUSIONS,
    "materials.type": codes.MATERIAL_TYPES,
    "necessity": codes.NECESSITIES,
    "format": codes.MATERIAL_FORMATS,
    "source_type": codes.MATERIAL_SOURCES,
    "collect": codes.COLLECT_TYPES,
    "themes.natural": codes.NATURAL_THEMES,
    "themes.legal": codes.LEGAL_THEMES,
    "online.depth": codes.ONLINE_DEPTHS,
    "area": codes.AREAS,
    "dept_type": codes.DEPT_TYPES,
    "use_level": codes.USE_LEVELS,
    "level": codes.USE_LEVELS,
    "task_type": codes.TASK_TYPES,
}

Path = tuple[str, ...]


def _of(table: dict[str, Any], path: Path) -> Any:
    return table.get(".".join(path[-2:])) or table.get(path[-1])


def label(path: Path) -> str:
    """What the element at a path is called; one that has no name shows its key."""
    if "when" in path[-2:]:
        return str(_("适用情形"))
    return str(_of(LABELS, path) or path[-1])


def noun(path: Path) -> str:
    """What one item of the list at a path is called."""
    return str(_of(NOUNS, path) or label(path))


def section(path: Path) -> str:
    return str(SECTIONS.get(path[0], OTHER))


def value(path: Path, found: Any) -> str:
    """A plain value in words."""
    if isinstance(found, bool):
        return str(_("是") if found else _("否"))
    if found is None:
        return str(_("（无）"))
    known: Codes = _of(_CODES, path) or {}
    return str(known.get(str(found), found))
