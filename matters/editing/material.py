"""The sections of materials and of the situations on which they depend."""

from django.utils.translation import gettext_lazy as _

from matters import codes
from matters.editing.sections import Element, Group, Section

E = Element
FILE = _("static/guides 下的文件名，由管理员放置。")

MATERIAL = (
    E("name", "text", _("材料名称"), _("写具体，不能写“其他材料”。"), shared=True),
    E("type", "code", _("材料类型"), choices=codes.MATERIAL_TYPES, shared=True),
    E("necessity", "code", _("材料必要性"), choices=codes.NECESSITIES),
    E(
        "deferrable_days",
        "number",
        _("容缺补交期限（工作日）"),
        _("容缺后补的必填。"),
        optional=True,
        least=1,
        most=60,
    ),
    E("when", "when", _("适用情形"), _("都不选：任何情形都要交。"), optional=True),
    E("format", "code", _("材料形式"), choices=codes.MATERIAL_FORMATS, shared=True),
    E("source_type", "code", _("来源渠道"), choices=codes.MATERIAL_SOURCES, shared=True),
    E("source", "text", _("来源渠道说明"), _("告诉办事人到哪里取得。"), shared=True),
    E("issuer", "line", _("核发机关"), optional=True, shared=True),
    E("copies.original", "number", _("原件份数"), most=20),
    E("copies.copy", "number", _("复印件份数"), most=20),
    E("collect", "codes", _("收取方式"), choices=codes.COLLECT_TYPES),
    E(
        "certificate_type",
        "line",
        _("免提交的电子证照类型代码"),
        _("21 位。持有该电子证照的免提交。"),
        optional=True,
        shared=True,
    ),
    E("page_format", "text", _("纸质材料规格"), _("如“A4 纸双面打印”。"), optional=True, shared=True),
    E("explain", "long", _("填报须知"), optional=True, shared=True),
    E("standard", "long", _("受理标准"), shared=True),
    E("basis", "text", _("要求提供材料的依据"), shared=True),
    E("blank.text", "long", _("空白表"), _("申请表格文书必填。"), optional=True, shared=True),
    E("sample.text", "long", _("样表"), _("申请表格文书必填。"), optional=True, shared=True),
    E("blank.file", "line", _("空白表文件"), FILE, optional=True, shared=True),
    E("sample.file", "line", _("样表文件"), FILE, optional=True, shared=True),
    E(
        "limits.max_bytes",
        "megabytes",
        _("每个文件最大（MB）"),
        optional=True,
        shared=True,
        least=1,
        most=100,
    ),
    E("limits.max_pages", "number", _("最多页数"), optional=True, shared=True, least=1, most=200),
)
MATERIALS = Section(
    "materials",
    _("申请材料"),
    "file",
    groups=(
        Group(
            "materials",
            _("申请材料"),
            _("材料"),
            MATERIAL,
            prefix="m",
            help=_("这里没有列出的，任何人不得要求办事人提供。"),
        ),
    ),
)
SITUATIONS = Section(
    "situations",
    _("办理情形"),
    "person",
    must=False,
    groups=(
        Group(
            "situations",
            _("引导问题"),
            _("问题"),
            (
                E("question", "text", _("问题"), _("如“您是自己办理，还是委托他人？”")),
                E("help", "text", _("说明"), optional=True),
            ),
            named="question",
            prefix="q",
            groups=(
                Group(
                    "options",
                    _("选项"),
                    _("选项"),
                    (E("label", "text", _("选项")),),
                    named="label",
                    prefix="o",
                    key="value",
                    most=8,
                ),
            ),
            help=_("最多五个问题。办事人回答以后，只看到与他有关的材料。"),
            most=5,
        ),
    ),
)
