"""The sections of a draft and their elements, in the order in which they are shown (docs/elements.md)."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from matters import codes
from matters.editing.material import FILE, MATERIALS, SITUATIONS
from matters.editing.sections import Element, Group, Section, known

E = Element

BASIC = Section(
    "basic",
    _("基本信息"),
    "file",
    elements=(
        E("name", "text", _("指南名称"), _("办事人看到的名称，如“食品经营许可（新办）”。")),
        E("item", "text", _("业务办理项"), _("如新办、变更、延续、注销。"), optional=True),
        E("summary", "long", _("事项简介"), _("用办事人听得懂的话写：谁、在什么情况下要办、办了得到什么。")),
        E("service_objects", "codes", _("服务对象"), choices=codes.SERVICE_OBJECTS),
        E("project_type", "code", _("办件类型"), choices=codes.PROJECT_TYPES),
        E("power_source", "code", _("权力来源"), choices=codes.POWER_SOURCES),
        E("area", "code", _("通办范围"), choices=codes.AREAS, optional=True),
        E("quantity_limit", "text", _("数量限制"), optional=True),
    ),
)
BASIS = Section(
    "basis",
    _("设定依据"),
    "book",
    groups=(
        Group(
            "basis",
            _("设定依据"),
            _("依据"),
            (
                E("law", "text", _("法律法规名称"), _("带书名号的全称。")),
                E("article", "text", _("条款号"), _("如“第三十五条第一款”。"), optional=True),
                E("content", "long", _("条文内容"), optional=True),
            ),
            named="law",
        ),
    ),
)


def _term(
    name: str, title: Promise, *, founded: bool = True, optional: bool = True, by_law: bool = False
) -> tuple[E, ...]:
    """A term with its basis and explanation. `founded`: it needs a basis wherever it is published."""
    help = _("写了期限的必填。") if founded and optional else ""
    return (
        E(f"terms.{name}", "term", title, optional=optional, by_law=by_law),
        E(
            f"terms.{name}.basis",
            "text",
            format_lazy(_("{title}的依据"), title=title),
            help,
            optional=optional,
            by_law=by_law,
        ),
        E(f"terms.{name}.explain", "text", format_lazy(_("{title}的说明"), title=title), optional=True),
    )


TERMS = Section(
    "terms",
    _("办理时限"),
    "clock",
    elements=(
        *_term("acceptance", _("受理期限"), optional=False, by_law=True),
        E(
            "terms.acceptance.silence_basis",
            "text",
            _("逾期视为受理的依据"),
            _("行政许可以外，另有规定逾期即视为受理的才填。"),
            optional=True,
            by_law=True,
        ),
        *_term("statutory", _("法定办结时限")),
        *_term("promised", _("承诺办结时限"), founded=False),
        *_term("issue", _("颁发、送达期限"), by_law=True),
    ),
    help=_("自受理之日起计算。承诺办结时限不能长于法定办结时限。"),
)
ONLINE = Section(
    "online",
    _("网上办理与到现场"),
    "card",
    elements=(
        E("online.available", "yes", _("可以网上办理")),
        E("online.full", "yes", _("全程网办"), _("从申请到领取结果都不用到现场。")),
        E("online.depth", "codes", _("网办深度"), choices=codes.ONLINE_DEPTHS, optional=True),
        E("online.single_login", "yes", _("单点登录"), optional=True),
        E("online.pay", "yes", _("网上支付"), optional=True),
        E(
            "online.url",
            "line",
            _("网上办理地址"),
            _("不在本平台办理的才填，以 https:// 开头。"),
            optional=True,
        ),
        E("online.desktop_url", "line", _("计算机端在线办理跳转地址"), optional=True),
        E("online.mobile_url", "line", _("移动端办理地址"), optional=True),
        E("handle_types", "codes", _("办理形式"), choices=codes.HANDLE_TYPES),
        E("visits.count", "code", _("到现场次数"), choices=codes.VISITS),
        E("visits.reason", "text", _("到现场的原因"), _("需要到现场的必须写明。"), optional=True),
    ),
)
CONDITIONS = Section(
    "conditions",
    _("受理条件"),
    "check",
    groups=(Group("conditions", _("受理条件"), _("条件"), (E("", "long", _("条件")),)),),
)
PROCESS = Section(
    "process",
    _("办理流程"),
    "list",
    groups=(
        Group(
            "process",
            _("办理环节"),
            _("环节"),
            (
                E("name", "text", _("环节名称"), _("行政许可要写明受理、审核、审批、办结、送达。")),
                E("who", "text", _("由谁办理")),
                E("term", "text", _("环节时限"), _("如“2 个工作日内”。")),
                E("what", "long", _("做什么")),
            ),
            prefix="p",
        ),
        Group("channels.online", _("网上怎么办"), _("步骤"), (E("", "long", _("步骤")),)),
        Group("channels.counter", _("窗口怎么办"), _("步骤"), (E("", "long", _("步骤")),)),
    ),
)
FEES = Section(
    "fees",
    _("收费"),
    "coin",
    elements=(
        E("fees.charged", "yes", _("是否收费")),
        E("fees.note", "text", _("收费说明"), optional=True),
    ),
    groups=(
        Group(
            "fees.items",
            _("收费项目"),
            _("收费项目"),
            (
                E("name", "text", _("收费项目名称")),
                E("standard", "text", _("收费标准")),
                E("basis", "text", _("收费依据")),
                E("reducible", "yes", _("是否允许减免")),
                E("reduction", "text", _("减免说明"), optional=True),
            ),
        ),
    ),
)
RESULTS = Section(
    "results",
    _("办理结果"),
    "card",
    groups=(
        Group(
            "results",
            _("办理结果"),
            _("结果"),
            (
                E("kind", "code", _("结果类型"), choices=codes.RESULT_KINDS),
                E("name", "text", _("结果名称")),
                E("type_code", "line", _("证照类型代码"), _("证照必填，21 位。"), optional=True),
                E("number_prefix", "line", _("证照编号前缀"), optional=True),
                E(
                    "validity",
                    "months",
                    _("有效期（月）"),
                    _("5 年填 60。长期有效的不填。"),
                    optional=True,
                    most=1200,
                ),
                E("sample_file", "line", _("结果样本文件"), FILE, optional=True),
            ),
            prefix="r",
            groups=(
                Group(
                    "contents",
                    _("证照内容"),
                    _("证照项目"),
                    (
                        E("label", "text", _("证照上的项目名称")),
                        E("source", "question", _("取自申请表的哪一项")),
                    ),
                    named="label",
                    prefix="c",
                    help=_("发证时从申请表取什么、印在证照的哪一项。"),
                ),
                Group(
                    "sample",
                    _("结果样本"),
                    _("样本内容"),
                    (E("label", "text", _("项目")), E("value", "text", _("样例内容"))),
                    named="label",
                ),
                Group("delivery", _("送达方式"), _("送达方式"), (E("", "text", _("送达方式")),)),
            ),
        ),
    ),
)
PLACES = Section(
    "places",
    _("办理地点与联系"),
    "house",
    elements=(
        E("enquiry.phones", "lines", _("咨询电话"), _("带区号，一行一个。")),
        E("enquiry.note", "text", _("咨询说明"), optional=True),
        E("complaint.phones", "lines", _("监督投诉电话"), _("不能和咨询电话相同。")),
        E("complaint.note", "text", _("投诉说明"), optional=True),
    ),
    groups=(
        Group(
            "places",
            _("办理地点"),
            _("地点"),
            (
                E("name", "line", _("名称")),
                E("window", "text", _("窗口"), optional=True),
                E("address", "line", _("地址")),
                E("hours", "text", _("办理时间")),
                E("phone", "line", _("电话"), optional=True),
                E("transport", "text", _("交通"), optional=True),
            ),
        ),
    ),
)
RIGHTS = Section(
    "rights",
    _("权利、义务与救济"),
    "shield",
    elements=(
        E("remedies.review_authority", "line", _("行政复议机关"), _("与本机关的不同才填。"), optional=True),
        E("remedies.court", "line", _("行政诉讼管辖法院"), _("与本机关的不同才填。"), optional=True),
    ),
    groups=(
        Group("rights", _("办事人的权利"), _("权利"), (E("", "long", _("权利")),)),
        Group("duties", _("办事人的义务"), _("义务"), (E("", "long", _("义务")),)),
    ),
)
THEMES = Section(
    "themes",
    _("主题与搜索词"),
    "family",
    elements=(
        E("themes.natural", "codes", _("面向自然人的主题"), choices=codes.NATURAL_THEMES, optional=True),
        E("themes.legal", "codes", _("面向法人的主题"), choices=codes.LEGAL_THEMES, optional=True),
        E("keywords", "lines", _("搜索词"), _("办事人会怎么叫它？一行一个，如“开餐馆”。"), optional=True),
    ),
)
SPECIAL = Section(
    "special",
    _("特别程序"),
    "pause",
    must=False,
    groups=(
        Group(
            "special_procedures",
            _("特别程序"),
            _("特别程序"),
            (
                E("kind", "code", _("种类"), choices=codes.SPECIAL_PROCEDURES),
                E("name", "text", _("名称")),
                E("term", "term", _("所需时间")),
                E("basis", "text", _("依据")),
                E("charged", "yes", _("是否收费")),
                E("charge_basis", "text", _("收费依据"), optional=True),
                E("excluded_from_statutory", "yes", _("不计入法定办结时限")),
                E(
                    "exclusion_basis",
                    "text",
                    _("不计入时限的依据"),
                    _("行政许可法第四十五条以外的才填。"),
                    optional=True,
                ),
            ),
            prefix="s",
        ),
    ),
)
FAQ = Section(
    "faq",
    _("常见问题"),
    "person",
    must=False,
    groups=(
        Group(
            "faq",
            _("常见问题"),
            _("问题"),
            (E("question", "text", _("问题")), E("answer", "long", _("解答"))),
            named="question",
        ),
    ),
    help=_("行政许可至少要有一个。"),
)
PLEDGE = Section(
    "pledge",
    _("告知承诺"),
    "heart",
    must=False,
    elements=(
        E("pledge.available", "yes", _("可以告知承诺")),
        E("pledge.text", "long", _("告知承诺书内容"), optional=True),
        E("pledge.kind", "code", _("承诺方式"), choices=codes.PLEDGE_KINDS, optional=True),
        E("pledge.duty", "long", _("证明义务"), optional=True),
        E("pledge.liability", "long", _("不实承诺的法律责任"), optional=True),
        E("pledge.check_method", "long", _("核查方式"), optional=True),
        E("pledge.check_term", "term", _("核查期限"), _("自作出决定之日起计算。"), optional=True),
        E("pledge.check_term.basis", "text", _("核查期限的依据"), optional=True),
        E("pledge.check_term.explain", "text", _("核查期限的说明"), optional=True),
        E("pledge.public", "yes", _("公开承诺书"), optional=True),
        E(
            "pledge.assessment.excluded",
            "codes",
            _("属于不得告知承诺的情形"),
            _("一个都不属于的，不用选。"),
            choices=codes.PLEDGE_EXCLUSIONS,
            optional=True,
        ),
        E("pledge.assessment.reason", "long", _("风险评估的结论和理由"), optional=True),
        E("pledge.assessment.on", "line", _("评估日期"), _("如 2026-03-02。"), optional=True),
    ),
)
INTERMEDIARIES = Section(
    "intermediaries",
    _("中介服务"),
    "work",
    must=False,
    groups=(
        Group(
            "intermediaries",
            _("中介服务"),
            _("中介服务"),
            (
                E("name", "text", _("服务名称")),
                E("basis", "text", _("依据")),
                E("conditions", "text", _("条件")),
                E("process", "text", _("流程")),
                E("term", "text", _("时限")),
                E("fee", "text", _("收费")),
            ),
        ),
    ),
)
SERVICES = Section(
    "services",
    _("便民服务"),
    "car",
    must=False,
    elements=(
        E("services.in_centre", "yes", _("进驻政务大厅"), optional=True),
        E("services.appointment", "yes", _("可以预约"), optional=True),
        E("services.appointment_quota", "text", _("预约名额"), optional=True),
        E("services.appointment_rule", "text", _("预约规则"), optional=True),
        E("services.express", "yes", _("物流快递"), optional=True),
        E("services.post_materials", "yes", _("材料可以邮寄"), optional=True),
        E("services.post_results", "yes", _("结果可以邮寄"), optional=True),
        E("services.terminals", "yes", _("自助终端办理"), optional=True),
    ),
)
BODIES = Section(
    "bodies",
    _("委托、联办与上级事项"),
    "shop",
    must=False,
    elements=(
        E("entrusted_to", "line", _("受委托机构"), optional=True),
        E("joint_agencies", "lines", _("联办机构"), _("一行一个。"), optional=True),
        E("parent.catalog_code", "line", _("主项的基本编码"), optional=True),
        E("parent.name", "text", _("主项名称"), optional=True),
        E("locality.town.code", "line", _("乡镇（街道）代码"), optional=True),
        E("locality.town.name", "line", _("乡镇（街道）名称"), optional=True),
        E("locality.village.code", "line", _("村（社区）代码"), optional=True),
        E("locality.village.name", "line", _("村（社区）名称"), optional=True),
    ),
)
SECTIONS = known(
    (BASIC, BASIS, TERMS, ONLINE, CONDITIONS, MATERIALS, PROCESS, FEES, RESULTS, PLACES, RIGHTS, THEMES)
    + (SITUATIONS, SPECIAL, FAQ, PLEDGE, INTERMEDIARIES, SERVICES, BODIES)
)
BY_KEY = {section.key: section for section in SECTIONS}
