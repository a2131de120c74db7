"""The layout of the exchange tables: which element stands in which column, and where in the document.

docs/elements.md has the same table in words. Elements are named as in the national exchange tables; child
sheets refer to the list by `list_no`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from matters import codes

UNITS: codes.Codes = {"workday": _("工作日"), "day": _("日"), "month": _("月")}
YES_NO: codes.Codes = {"1": _("是"), "0": _("否")}
Label = str | Promise


@dataclass(frozen=True)
class Column:
    """One element. `kind`: text (three languages, Chinese here), texts (one a line), line, lines, number,
    yes (1 or 0), code, codes (joined by ^), options (`value=label` a line), when (`situation=value,value;…`),
    pairs (`label：value` a line), locked (exported, and only compared when read)."""

    element: str
    title: Label
    path: str
    kind: str = "text"
    codes: Mapping[str, Label] | None = None
    needed: bool = False


@dataclass(frozen=True)
class Sheet:
    """`path` leads to the list in the document whose items are the rows; empty for the lists themselves.
    Items are known by `key`, a column of the sheet, where they have one; else by their place."""

    name: str
    columns: tuple[Column, ...]
    path: str = ""
    keyed: bool = False

    def column(self, element: str) -> Column:
        return next(column for column in self.columns if column.element == element)


def _term(name: str, path: str, title: Label, *rest: str) -> tuple[Column, ...]:
    """Amount and unit of a term, and what is said of it."""
    labels = {"basis": _("依据"), "explain": _("说明"), "unit": _("单位")}
    titles = {part: format_lazy("{}{}", title, label) for part, label in labels.items()}
    return (
        Column(f"{name}_day", title, f"{path}.amount", "number"),
        Column(f"{name}_type", titles["unit"], f"{path}.unit", "code", UNITS),
        *(Column(f"{name}_{part}", titles[part], f"{path}.{part}") for part in rest),
    )


NUMBER = Column("list_no", _("清单序号"), "", "number", needed=True)
KEY = Column("key", _("标识"), "key", "line")

LISTS = Sheet(
    "实施清单",
    (
        NUMBER,
        Column("task_code", _("实施编码"), "identity.task_code", "locked"),
        Column("catalog_code", _("基本编码"), "identity.catalog_code", "locked"),
        Column("dept_code", _("实施主体编码"), "identity.agency.uscc", "locked"),
        Column("dept_name", _("实施主体"), "identity.agency.name", "locked"),
        Column("task_name", _("指南名称"), "name", needed=True),
        Column("task_handle_item", _("业务办理项"), "item"),
        Column("parent_code", _("主项编码"), "parent.catalog_code", "line"),
        Column("parent_name", _("主项"), "parent.name"),
        Column("town_code", _("乡镇（街道）代码"), "locality.town.code", "line"),
        Column("town_name", _("乡镇（街道）"), "locality.town.name", "line"),
        Column("village_code", _("村（社区）代码"), "locality.village.code", "line"),
        Column("village_name", _("村（社区）"), "locality.village.name", "line"),
        Column("summary", _("事项简介"), "summary"),
        Column("power_source", _("权力来源"), "power_source", "code", codes.POWER_SOURCES),
        Column("project_type", _("办件类型"), "project_type", "code", codes.PROJECT_TYPES),
        Column("server_type", _("服务对象"), "service_objects", "codes", codes.SERVICE_OBJECTS),
        Column("handle_type", _("办理形式"), "handle_types", "codes", codes.HANDLE_TYPES),
        *_term("accept", "terms.acceptance", _("受理期限"), "basis"),
        *_term("anticipate", "terms.statutory", _("法定办结时限"), "basis", "explain"),
        *_term("promise", "terms.promised", _("承诺办结时限"), "explain"),
        *_term("issue", "terms.issue", _("颁发送达期限"), "basis"),
        Column("accept_condition", _("受理条件"), "conditions", "texts"),
        Column("limit_scene_num", _("到现场次数"), "visits.count", "code", codes.VISITS),
        Column("limit_scene_explain", _("到现场说明"), "visits.reason"),
        Column("is_online", _("是否网办"), "online.available", "yes"),
        Column("is_whole_online", _("全程网办"), "online.full", "yes"),
        Column("online_handle_depth", _("网办深度"), "online.depth", "codes", codes.ONLINE_DEPTHS),
        Column("online_handle_url", _("网上办理地址"), "online.url", "line"),
        Column("link_addr", _("计算机端办理地址"), "online.desktop_url", "line"),
        Column("mobile_terminal_url", _("移动端办理地址"), "online.mobile_url", "line"),
        Column("is_single_login", _("单点登录"), "online.single_login", "yes"),
        Column("is_pay_online", _("网上支付"), "online.pay", "yes"),
        Column("flow_online", _("网上办理步骤"), "channels.online", "texts"),
        Column("flow_counter", _("窗口办理步骤"), "channels.counter", "texts"),
        Column("is_fee", _("是否收费"), "fees.charged", "yes"),
        Column("fee_note", _("收费说明"), "fees.note"),
        Column("handle_area", _("通办范围"), "area", "code", codes.AREAS),
        Column("entrust_name", _("受委托机构"), "entrusted_to", "line"),
        Column("other_dept", _("联办机构"), "joint_agencies", "lines"),
        Column("limit_explain", _("数量限制"), "quantity_limit"),
        Column("is_entry_center", _("进驻政务大厅"), "services.in_centre", "yes"),
        Column("is_schedule", _("预约办理"), "services.appointment", "yes"),
        Column("schedule_quota", _("预约名额"), "services.appointment_quota"),
        Column("schedule_rule", _("预约规则"), "services.appointment_rule"),
        Column("is_express", _("物流快递"), "services.express", "yes"),
        Column("is_post_material", _("材料可以邮寄"), "services.post_materials", "yes"),
        Column("is_post_result", _("结果可以邮寄"), "services.post_results", "yes"),
        Column("is_service_terminals", _("自助终端"), "services.terminals", "yes"),
        Column("user_topic_type", _("自然人主题"), "themes.natural", "codes", codes.NATURAL_THEMES),
        Column("corp_topic_type", _("法人主题"), "themes.legal", "codes", codes.LEGAL_THEMES),
        Column("keywords", _("搜索词"), "keywords", "lines"),
        Column("link_way", _("咨询电话"), "enquiry.phones", "lines"),
        Column("link_note", _("咨询说明"), "enquiry.note"),
        Column("supervise_way", _("监督投诉电话"), "complaint.phones", "lines"),
        Column("supervise_note", _("监督投诉说明"), "complaint.note"),
        Column("applicant_rights", _("权利"), "rights", "texts"),
        Column("applicant_duties", _("义务"), "duties", "texts"),
        Column("review_authority", _("行政复议机关"), "remedies.review_authority", "line"),
        Column("lawsuit_court", _("行政诉讼法院"), "remedies.court", "line"),
        Column("pledge", _("告知承诺"), "pledge.available", "yes"),
        Column("pledge_text", _("承诺内容"), "pledge.text"),
    ),
)

BASIS = Sheet(
    "设定依据",
    (
        NUMBER,
        Column("law", _("法律法规"), "law", needed=True),
        Column("article", _("条款"), "article"),
        Column("content", _("内容"), "content"),
    ),
    path="basis",
)
PROCESS = Sheet(
    "办理流程",
    (
        NUMBER,
        KEY,
        Column("name", _("环节"), "name", needed=True),
        Column("who", _("办理人"), "who"),
        Column("term", _("时限"), "term"),
        Column("what", _("内容"), "what"),
    ),
    path="process",
    keyed=True,
)
SPECIAL = Sheet(
    "特别程序",
    (
        NUMBER,
        KEY,
        Column("kind", _("种类"), "kind", "code", codes.SPECIAL_PROCEDURES, needed=True),
        Column("name", _("环节名称"), "name", needed=True),
        Column("day", _("所需时限"), "term.amount", "number"),
        Column("type", _("时限单位"), "term.unit", "code", UNITS),
        Column("by_law", _("法定依据"), "basis"),
        Column("is_fee", _("是否收费"), "charged", "yes"),
        Column("fee_basis", _("收费依据"), "charge_basis"),
        Column("is_excluded", _("不计入法定办结时限"), "excluded_from_statutory", "yes"),
        Column("exclusion_basis", _("不计入的依据"), "exclusion_basis"),
    ),
    path="special_procedures",
    keyed=True,
)
SITUATIONS = Sheet(
    "情形",
    (
        NUMBER,
        KEY,
        Column("situation_question", _("引导问题"), "question", needed=True),
        Column("situation_help", _("说明"), "help"),
        Column("situation_options", _("选项"), "options", "options"),
    ),
    path="situations",
    keyed=True,
)
MATERIALS = Sheet(
    "申请材料",
    (
        NUMBER,
        KEY,
        Column("material_name", _("材料名称"), "name", needed=True),
        Column("material_type", _("材料类型"), "type", "code", codes.MATERIAL_TYPES),
        Column("is_need", _("材料必要性"), "necessity", "code", codes.NECESSITIES),
        Column("deferrable_days", _("容缺补交期限（工作日）"), "deferrable_days", "number"),
        Column("material_format", _("材料形式"), "format", "code", codes.MATERIAL_FORMATS),
        Column("source_type", _("来源渠道"), "source_type", "code", codes.MATERIAL_SOURCES),
        Column("source_explain", _("来源渠道说明"), "source"),
        Column("dept_name", _("核发机关"), "issuer", "line"),
        Column("page_num", _("原件份数"), "copies.original", "number"),
        Column("copy_num", _("复印件份数"), "copies.copy", "number"),
        Column("page_format", _("纸质材料规格"), "page_format"),
        Column("collect_type", _("收取方式"), "collect", "codes", codes.COLLECT_TYPES),
        Column("certificate_type", _("免提交的电子证照"), "certificate_type", "line"),
        Column("fill_explain", _("填报须知"), "explain"),
        Column("accept_stand", _("受理标准"), "standard"),
        Column("by_law", _("依据"), "basis"),
        Column("form_guid", _("空白表"), "blank.text"),
        Column("example_guid", _("样表"), "sample.text"),
        Column("max_bytes", _("上传大小限制（字节）"), "limits.max_bytes", "number"),
        Column("max_pages", _("上传页数限制"), "limits.max_pages", "number"),
        Column("situation", _("适用情形"), "when", "when"),
    ),
    path="materials",
    keyed=True,
)
FEES = Sheet(
    "收费项目",
    (
        NUMBER,
        Column("fee_name", _("收费项目"), "name", needed=True),
        Column("fee_stand", _("收费标准"), "standard"),
        Column("by_law", _("收费依据"), "basis"),
        Column("is_desc", _("允许减免"), "reducible", "yes"),
        Column("desc_explain", _("减免说明"), "reduction"),
    ),
    path="fees.items",
)
RESULTS = Sheet(
    "办理结果",
    (
        NUMBER,
        KEY,
        Column("result_type", _("结果类型"), "kind", "code", codes.RESULT_KINDS, needed=True),
        Column("result_name", _("结果名称"), "name", needed=True),
        Column("certificate_code", _("证照类型代码"), "type_code", "line"),
        Column("result_guid", _("结果样本"), "sample", "pairs"),
        Column("result_file", _("结果样本文件"), "sample_file", "line"),
        Column("result_way", _("领取方式"), "delivery", "texts"),
    ),
    path="results",
    keyed=True,
)
PLACES = Sheet(
    "办理地点",
    (
        NUMBER,
        Column("name", _("名称"), "name", "line", needed=True),
        Column("window", _("窗口"), "window"),
        Column("transact_addr", _("地址"), "address", "line"),
        Column("transact_time", _("时间"), "hours"),
        Column("phone", _("电话"), "phone", "line"),
        Column("transport", _("交通"), "transport"),
    ),
    path="places",
)
INTERMEDIARIES = Sheet(
    "中介服务",
    (
        NUMBER,
        Column("service_name", _("名称"), "name", needed=True),
        Column("by_law", _("依据"), "basis"),
        Column("conditions", _("条件"), "conditions"),
        Column("process", _("流程"), "process"),
        Column("term", _("时限"), "term"),
        Column("fee", _("收费"), "fee"),
    ),
    path="intermediaries",
)
FAQ = Sheet(
    "常见问题",
    (
        NUMBER,
        Column("question", _("问题"), "question", needed=True),
        Column("answer", _("解答"), "answer"),
    ),
    path="faq",
)

CHILDREN = (
    BASIS, PROCESS, SPECIAL, SITUATIONS, MATERIALS, FEES, RESULTS, PLACES, INTERMEDIARIES, FAQ
)  # fmt: skip
SHEETS = (LISTS, *CHILDREN)
