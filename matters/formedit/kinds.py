"""The types of questions and columns, for those who build forms, and what each can be told."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """A type of question, for those who build forms."""

    name: Words
    words: Words
    properties: tuple[str, ...] = ()
    sealed: bool = False  # always


KINDS: dict[str, Kind] = {
    "text": Kind(
        gettext_lazy("单行文字"), gettext_lazy("名称、编号等短内容"), ("min_length", "max_length", "pattern", "prefill")
    ),
    "textarea": Kind(gettext_lazy("多行文字"), gettext_lazy("情况说明、理由"), ("min_length", "max_length")),
    "choice": Kind(gettext_lazy("单选"), gettext_lazy("从几项中选一项，可以决定后面问什么"), ("choices", "prefill")),
    "yesno": Kind(gettext_lazy("是或否"), gettext_lazy("一句话能答的问题，可以决定后面问什么")),
    "choices": Kind(gettext_lazy("多选"), gettext_lazy("可以选几项"), ("choices",)),
    "number": Kind(gettext_lazy("数字"), gettext_lazy("人数、面积、次数"), ("minimum", "maximum", "decimals", "unit")),
    "money": Kind(gettext_lazy("金额"), gettext_lazy("以元计，两位小数"), ("minimum", "maximum", "unit")),
    "date": Kind(gettext_lazy("日期"), gettext_lazy("年、月、日"), ("minimum", "maximum")),
    "month": Kind(gettext_lazy("年月"), gettext_lazy("只到月份"), ("minimum", "maximum")),
    "time": Kind(gettext_lazy("时间"), gettext_lazy("几点几分"), ("minimum", "maximum")),
    "name": Kind(gettext_lazy("姓名"), gettext_lazy("自然人的姓名"), ("prefill",)),
    "idnumber": Kind(gettext_lazy("身份证号码"), gettext_lazy("核对校验码，加密保存"), ("prefill",), True),
    "uscc": Kind(gettext_lazy("统一社会信用代码"), gettext_lazy("核对校验码"), ("prefill",)),
    "phone": Kind(gettext_lazy("手机号码"), gettext_lazy("加密保存"), ("prefill",), True),
    "landline": Kind(gettext_lazy("固定电话"), gettext_lazy("带区号，可以有分机")),
    "email": Kind(gettext_lazy("电子邮箱"), gettext_lazy("加密保存"), (), True),
    "address": Kind(gettext_lazy("地址"), gettext_lazy("街道、门牌"), ("max_length", "prefill")),
    "region": Kind(gettext_lazy("所在区县"), gettext_lazy("从行政区划中选"), ("within", "prefill")),
    "postcode": Kind(gettext_lazy("邮政编码"), gettext_lazy("6 位数字")),
    "bankcard": Kind(gettext_lazy("银行卡号"), gettext_lazy("核对校验码，加密保存"), (), True),
    "table": Kind(
        gettext_lazy("表格"), gettext_lazy("几行同样的内容，如股东名册"), ("columns", "min_rows", "max_rows")
    ),
    "declaration": Kind(gettext_lazy("声明"), gettext_lazy("读过并勾选"), ("statement",)),
}  # fmt: skip
COLUMN_TYPES = (
    "text",
    "number",
    "money",
    "date",
    "month",
    "name",
    "idnumber",
    "uscc",
    "phone",
    "choice",
    "yesno",
)
PREFILL: dict[str, Words] = {
    "party.kind": gettext_lazy("申请人是个人还是单位"),
    "party.name": gettext_lazy("申请人的姓名或者名称"),
    "party.number": gettext_lazy("申请人的证件号码"),
    "party.phone": gettext_lazy("申请人的手机号码"),
    "party.address": gettext_lazy("申请人的地址"),
    "party.region": gettext_lazy("申请人所在区县"),
}
PREFILLED = {
    "text": ("party.name", "party.number", "party.address"), "choice": ("party.kind",), "name": ("party.name",),
    "idnumber": ("party.number",), "uscc": ("party.number",), "phone": ("party.phone",),
    "address": ("party.address",), "region": ("party.region",),
}  # fmt: skip
