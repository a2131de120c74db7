"""What the parts of a guide's document are called, and how their values read."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from matters import codes
from matters.codes import Codes

Words = dict[str, str | Promise]
_l = gettext_lazy

# Section of each part at the top of the document; what is not named belongs to the last.
SECTIONS: Words = {
    "terms": _l("时限"),
    "visits": _l("到现场次数"),
    "conditions": _l("受理条件"),
    "materials": _l("申请材料"),
    "form": _l("申请表"),
    "process": _l("办理流程"),
    "channels": _l("办理流程"),
    "special_procedures": _l("特别程序"),
    "fees": _l("收费"),
    "results": _l("办理结果"),
    "places": _l("办理地点"),
    "online": _l("网上办理"),
    "services": _l("办理服务"),
    "pledge": _l("告知承诺"),
    "intermediaries": _l("中介服务"),
    "basis": _l("设定依据"),
    "rights": _l("权利与救济"),
    "duties": _l("权利与救济"),
    "remedies": _l("权利与救济"),
    "faq": _l("常见问题"),
    "enquiry": _l("咨询和投诉"),
    "complaint": _l("咨询和投诉"),
}
OTHER = gettext_lazy("基本信息")

# By the last two steps of the path (without numbers), else by the last.
LABELS: Words = {
    "name": _l("名称"),
    "item": _l("业务办理项"),
    "summary": _l("简介"),
    "power_source": _l("权力来源"),
    "service_objects": _l("服务对象"),
    "handle_types": _l("办理形式"),
    "project_type": _l("办件类型"),
    "acceptance": _l("受理期限"),
    "statutory": _l("法定办结时限"),
    "promised": _l("承诺办结时限"),
    "issue": _l("颁发、送达期限"),
    "silence_basis": _l("逾期视为受理的依据"),
    "basis": _l("依据"),
    "explain": _l("说明"),
    "visits.count": _l("到现场次数"),
    "visits.reason": _l("到现场次数说明"),
    "conditions": _l("条件"),
    "rights": _l("权利"),
    "duties": _l("义务"),
    "who": _l("办理人"),
    "term": _l("时限"),
    "what": _l("做什么"),
    "channels.online": _l("网上办理步骤"),
    "channels.counter": _l("窗口办理步骤"),
    "kind": _l("类型"),
    "charged": _l("收费"),
    "charge_basis": _l("收费依据"),
    "excluded_from_statutory": _l("不计入法定时限"),
    "exclusion_basis": _l("不计入时限的依据"),
    "note": _l("说明"),
    "standard": _l("标准"),
    "reducible": _l("允许减免"),
    "reduction": _l("减免办法"),
    "type": _l("类型"),
    "necessity": _l("必要性"),
    "deferrable_days": _l("容缺补交期限（工作日）"),
    "format": _l("材料形式"),
    "source_type": _l("来源渠道"),
    "source": _l("来源"),
    "issuer": _l("出具单位"),
    "original": _l("原件份数"),
    "copy": _l("复印件份数"),
    "collect": _l("收取方式"),
    "certificate_type": _l("对应的电子证照"),
    "materials.standard": _l("受理标准"),
    "blank": _l("空白表"),
    "results.sample": _l("样本"),
    "sample": _l("样表"),
    "text": _l("内容"),
    "file": _l("文件"),
    "max_bytes": _l("文件大小上限（字节）"),
    "max_pages": _l("页数上限"),
    "type_code": _l("证照类型代码"),
    "number_prefix": _l("编号前缀"),
    "validity": _l("有效期"),
    "delivery": _l("送达方式"),
    "title": _l("标题"),
    "help": _l("填写说明"),
    "label": _l("名称"),
    "value": _l("内容"),
    "statement": _l("声明内容"),
    "required": _l("必填"),
    "sensitive": _l("加密保存"),
    "max_length": _l("字数上限"),
    "minimum": _l("最小值"),
    "maximum": _l("最大值"),
    "decimals": _l("小数位数"),
    "unit": _l("单位"),
    "within": _l("地区范围"),
    "prefill": _l("自动填写来源"),
    "show_if": _l("显示条件"),
    "step": _l("所在步骤"),
    "question": _l("问题"),
    "answer": _l("回答"),
    "window": _l("窗口"),
    "address": _l("地址"),
    "hours": _l("办理时间"),
    "phone": _l("电话"),
    "transport": _l("交通"),
    "enquiry.phones": _l("咨询电话"),
    "complaint.phones": _l("投诉电话"),
    "enquiry.note": _l("咨询说明"),
    "complaint.note": _l("投诉说明"),
    "review_authority": _l("行政复议机关"),
    "court": _l("管辖法院"),
    "themes.natural": _l("面向自然人的主题"),
    "themes.legal": _l("面向法人的主题"),
    "keywords": _l("关键词"),
    "online.available": _l("网上办理"),
    "online.full": _l("全程网办"),
    "online.depth": _l("网办深度"),
    "online.single_login": _l("单点登录"),
    "online.pay": _l("网上支付"),
    "area": _l("通办范围"),
    "pledge.available": _l("告知承诺"),
    "pledge.text": _l("承诺内容"),
    "pledge.kind": _l("承诺方式"),
    "duty": _l("证明义务"),
    "liability": _l("不实承诺的法律责任"),
    "check_method": _l("核查方式"),
    "check_term": _l("核查期限"),
    "public": _l("承诺书是否公开"),
    "assessment": _l("风险评估"),
    "assessment.excluded": _l("不能承诺的情形"),
    "assessment.reason": _l("评估理由"),
    "assessment.on": _l("评估日期"),
    "entrusted_to": _l("受委托机构"),
    "joint_agencies": _l("联办机构"),
    "process": _l("流程"),
    "fee": _l("收费"),
    "quantity_limit": _l("数量限制"),
    "in_centre": _l("进驻政务大厅"),
    "appointment": _l("预约办理"),
    "express": _l("物流快递"),
    "terminals": _l("自助终端办理"),
    "law": _l("法律名称"),
    "article": _l("条款"),
    "content": _l("条文内容"),
    "agency.name": _l("实施主体"),
    "uscc": _l("实施主体编码"),
    "dept_type": _l("实施主体性质"),
    "level": _l("机关层级"),
    "region_code": _l("所在地区"),
    "use_level": _l("行使层级"),
    "task_code": _l("实施编码"),
    "task_type": _l("事项类型"),
    "regime": _l("适用的规则"),
    "catalog_code": _l("基本编码"),
    "local_catalog_code": _l("地方基本编码"),
    "directory_version": _l("目录版本"),
}

# One item of a list: what it is called in a sentence.
NOUNS: Words = {
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
    return str(_of(LABELS, path) or path[-1])


def noun(path: Path) -> str:
    """What one item of the list at a path is called."""
    return str(_of(NOUNS, path) or label(path))


def section(path: Path) -> str:
    return str(SECTIONS.get(path[0], OTHER))


def value(path: Path, found: Any) -> str:
    """A plain value in words."""
    if isinstance(found, bool):
        return _("是") if found else _("否")
    if found is None:
        return _("（无）")
    known: Codes = _of(_CODES, path) or {}
    return str(known.get(str(found), found))
