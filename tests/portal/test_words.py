"""The words of the portal: every one goes through gettext, and every catalogue has them all."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.template.base import Lexer, TokenType

from portal import catalogues
from portal.catalogues import BY_HAND, CONVERTED, Entry

ROOT = Path(settings.BASE_DIR)
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”]")
PYTHON = ("portal", "evaluations", "applications", "matters", "certificates", "support")
GETTEXT = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
GETTEXT |= {f"{name}_{how}" for name in GETTEXT for how in ("lazy", "noop")}

# What is not for readers, or in Chinese whatever the reader's language. A path alone: the whole file.
PLAIN_FILES = {
    "templates/documents/papers/": "official papers are written in Simplified Chinese",
    "templates/components/gallery": "samples of the components",
    "portal/gallery.py": "samples of the components",
    "support/documents/kinds.py": "sentences of papers",
    "support/accounts/demo.py": "invented people",
    "matters/ranks.py": "titles of provisions, as they are recognised",
}
PLAIN_NAMES = {"verbose_name", "help_text", "description", "summary"}  # for developers; in API schemas too
PLAIN_NAMES |= {"CJK", "_CJK", "_CHINESE"}  # what is looked for
PLAIN = {
    "templates/components/utility.html": {"简体中文", "繁體中文", "简", "繁"},
    "portal/formats/zh_Hans/formats.py": {"Y 年 n 月"},
    "portal/formats/zh_Hant/formats.py": {"Y 年 n 月"},
    "portal/settings.py": {
        "简体中文",
        "繁體中文",
        "一网通办 API",
        "主办单位（示例）",
        "承办单位（示例）",
        "0000000000（示例）",
    },
    # Words of papers and seals, kept as they are printed.
    "applications/delivery.py": {"送达/1", "直接送达（窗口领取）", "邮寄送达"},
    "applications/deferral/choice.py": {"容缺告知/1"},
    "applications/deferral/acts.py": {"年", "月", "日"},
    "applications/filing.py": {"行政许可法31/1", "真实性声明/1"},
    "applications/papers.py": {
        "申请人同意电子送达，文书进入其“我的空间”时即为送达。",
        "申请人选择到窗口领取文书，签收之日为送达之日。",
        "申请人选择邮寄送达，签收之日为送达之日。",
    },
    "applications/views/delivery.py": {"\u3000"},
    "certificates/actions.py": {"公民身份号码", "统一社会信用代码"},
    "applications/corrections/acts.py": {"："},
    "applications/corrections/answers.py": {"：", "；"},
    "applications/effects.py": {"、"},
    "matters/actions.py": {"《中华人民共和国行政许可法》第三十二条", "四川省广安市前锋区"},
    "matters/guides.py": {"、", "；"},
    "matters/guide_parts.py": {"、", "；", "是", "否"},
    "support/calendars/terms.py": {"个工作日", "日", "个月"},
    "support/documents/actions.py": {"字〔", "〕第", "号"},
    "support/documents/rendering.py": {
        "60 日",
        "6 个月",
        "你",
        "你单位",
        "字库缺字 ",
        ": 请安装包含这些字的字体后重试",
    },
    "support/documents/signing.py": {"政务服务专用章", "一网通办文书签名根证书"},
    # The sheets of the exchange tables, and the signs that their cells are cut at.
    "matters/exchange/book.py": {"代码表"},
    "matters/exchange/columns.py": {
        "实施清单", "设定依据", "办理流程", "特别程序", "情形", "申请材料", "收费项目", "办理结果", "办理地点",
        "中介服务", "常见问题",
    },
    "matters/exchange/merging.py": {"：", r"[\^\n、，,]", "[;；\n]", "[,，]"},
    "matters/editing/actions.py": {"；"},
    # What made-up cases are filled with.
    "applications/trials.py": {"示例有限公司", "张示例", "银川市兴庆区示例路100号", "示例.pdf"},
    "matters/trials.py": {"示例内容", "张小兰", "银川市兴庆区示例路100号"},
    "matters/editing/inherited.py": {"；"},
    "matters/answers.py": {"、", "；"},
    # Signs of a form, and how bounds of dates are typed and read.
    "templates/catalogue/_form_outline.html": {"＋ "},
    "templates/catalogue/words.html": {"\u3000", "offer.words|join:'、'"},
    "matters/compare/uniformity.py": {"（", "）"},
    "matters/editing/forms.py": {"（", "）"},
    "matters/formedit/properties.py": {"天", "日", "个月", "年", "今天", "；"},
    "applications/intake.py": {"窗口核对/1"},
    # Data, and who acted, as recorded.
    "support/accounts/management/commands/grant.py": {"统一社会信用代码"},
    "matters/management/commands/reviewers.py": {"统一社会信用代码, at least two"},
    "support/calendars/actions.py": {
        "随系统提供",
        "按《全国年节及纪念日放假办法》推算，未含调休（holidays 软件包）",
        "（推算）",
        "（",
    },
    "support/calendars/api.py": {"计算期限届满日", "按字段说明错误"},
    "support/notices/management/commands/sms_templates.py": {"。"},
    "support/records/actor.py": {"系统定时"},
    # What is looked for in what people type, and in guides.
    "applications/regimes.py": {"备案"},
    "matters/checks/service.py": {
        "受理", "审核", "审批", "办结", "送达",
        "枪支|弹药|爆炸|烟花|危险化学品|危险废物|放射|辐射|核材料|病原微生物|麻醉药品|精神药品|涉外|保密|金融|银行|保险公司",
    },
    "matters/checks/terms.py": {"行政许可法", "第二十六条"},
    "matters/forms.py": {"％"},
    "matters/models/search.py": {"、"},
    "portal/management/commands/create_demo.py": {"：", "\u3000<4"},
    "support/accounts/masking.py": {"〇零一二三四五六七八九幺", "。｡", "文"},
    "support/calendars/forms.py": {"放假", "上班", "补班"},
}


def is_pattern(text: str) -> bool:
    return any(sign in text for sign in (r"\s", r"\d", "[", "(?"))


def unwrapped(path: str, texts) -> list[str]:
    plain = PLAIN.get(path, set())
    return [f"{path}: {text.strip()!r}" for text in texts if CHINESE.search(text) and text not in plain]


def files(suffixes: set[str], *places: str) -> list[str]:
    found = (
        str(p.relative_to(ROOT))
        for place in places
        for p in (ROOT / place).rglob("*")
        if p.suffix in suffixes
    )
    return sorted(p for p in found if "/migrations/" not in p and not p.startswith(tuple(PLAIN_FILES)))


# --- templates -------------------------------------------------------------------------------------


def bare_texts(source: str) -> list[str]:
    """What a template says in Chinese outside translate and blocktranslate."""
    found, inside = [], ""
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.COMMENT:
            continue
        tag = token.contents.split()[0] if token.token_type == TokenType.BLOCK else ""
        if inside:
            inside = "" if tag == f"end{inside}" else inside
        elif tag in ("comment", "blocktranslate", "blocktrans"):
            inside = tag
        elif tag not in ("translate", "trans"):
            text = re.sub(r"""\b_\(("[^"]*"|'[^']*')\)""", "", token.contents)
            found += re.findall(r"""[^<>"'=/]+""", text) if token.token_type == TokenType.TEXT else [text]
    return found


@pytest.mark.parametrize("path", files({".html", ".txt"}, "templates"))
def test_every_word_of_a_template_is_translated(path):
    assert unwrapped(path, bare_texts((ROOT / path).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>未译</p>",
        '<img alt="未译">',
        '{% include "a.html" with title="未译" %}',
        '{{ a|default:"未译" }}',
        '{% translate "已译" %}：',
    ],
)
def test_an_untranslated_word_of_a_template_is_found(source):
    assert unwrapped("x.html", bare_texts(source))


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "已译" %}',
        "{% blocktranslate with a=b %}已译 {{ a }}{% endblocktranslate %}",
        '{{ a|default:_("已译") }}',
        "{# 注释 #}{% comment %}注释{% endcomment %}",
    ],
)
def test_a_translated_word_of_a_template_is_not(source):
    assert not unwrapped("x.html", bare_texts(source))


# --- Python ----------------------------------------------------------------------------------------


def bare_strings(source: str) -> list[str]:
    """The literals of a module outside gettext calls, docstrings and what is for developers."""
    tree = ast.parse(source)
    meant: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            meant.add(id(node.value))
        if isinstance(node, ast.Call) and _name(node.func) in GETTEXT:
            meant |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.keyword) and node.arg in PLAIN_NAMES:
            meant |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.Assign) and _name(node.targets[0]) in PLAIN_NAMES:
            meant |= {id(inner) for inner in ast.walk(node)}
    literals = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    return [n.value for n in literals if id(n) not in meant and not is_pattern(n.value)]


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


@pytest.mark.parametrize("path", files({".py"}, *PYTHON))
def test_every_word_of_a_module_is_translated(path):
    assert unwrapped(path, bare_strings((ROOT / path).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("source", ['x = "未译"', 'f(f"未译{x}")', 'x = [_("已译"), "、".join(y)]'])
def test_an_untranslated_word_of_a_module_is_found(source):
    assert unwrapped("x.py", bare_strings(source))


@pytest.mark.parametrize("source", ['"""文档"""', 'x = _("已译")', 'x = ngettext_lazy("已译", "已译", "n")'])
def test_a_translated_word_of_a_module_is_not(source):
    assert not unwrapped("x.py", bare_strings(source))


# --- catalogues ------------------------------------------------------------------------------------


def test_the_catalogues_are_complete_and_up_to_date():
    """Where this fails, bin/messages brings them up to date and says what is left to translate."""
    call_command("messages", check=True)


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    """A catalogue of its own: catalogue(locale, text of the .po file)."""
    monkeypatch.setattr(catalogues, "path", lambda locale: tmp_path / f"{locale}.po")
    return lambda locale, text: (tmp_path / f"{locale}.po").write_text(text, encoding="utf-8")


def entry(msgid: str, *translations: str, places=("templates/portal/home.html",), plural: str = "") -> Entry:
    words = {"msgid": msgid} | ({"msgid_plural": plural} if plural else {})
    return Entry(words, list(places)).translated(list(translations or [""]))


def merged(locale: str, *wanted: Entry) -> list[Entry]:
    found = catalogues.merged(locale, {each.key: each for each in wanted})
    return [found[each.key] for each in wanted]


def test_a_catalogue_behind_the_source_is_an_error(catalogue):
    for locale in (CONVERTED, BY_HAND):
        catalogue(locale, "")
    with pytest.raises(CommandError, match="behind the source"):
        call_command("messages", check=True)
    assert catalogues.path(BY_HAND).read_text() == ""


def test_a_catalogue_is_read_as_it_is_written(catalogue):
    wanted = [
        entry("甲“%(a)s”\n乙\\", 'A "%(a)s"\nB\\'),
        entry("%(n)s 个", "%(n)s one", "%(n)s more", plural="%(n)s 个"),
    ]
    wanted[0].flags, wanted[1].note = "python-format", "checked"
    text = catalogues.written(BY_HAND, {each.key: each for each in wanted})
    assert sorted(catalogues.parse(text).values(), key=lambda e: e.key) == sorted(wanted, key=lambda e: e.key)


def test_traditional_words_follow_from_the_source_but_what_was_reviewed_stays(catalogue):
    catalogue(
        CONVERTED,
        '#: a.py\nmsgid "信息"\nmsgstr "資訊"\n\n# 法條原文\n#: a.py\nmsgid "特别程序"\nmsgstr "特別之程序"\n',
    )
    assert [e.translations for e in merged(CONVERTED, entry("信息"), entry("特别程序"))] == [
        ["信息"],
        ["特別之程序"],
    ]


def test_english_is_kept_and_never_guessed(catalogue):
    catalogue(BY_HAND, '#: a.py\nmsgid "申请已提交"\nmsgstr "Submitted"\n')
    kept, new = merged(BY_HAND, entry("申请已提交"), entry("申请已提交。"))
    assert (kept.translations, new.translations) == (["Submitted"], [""])


@pytest.mark.parametrize(
    ("locale", "wrong"),
    [
        (BY_HAND, entry("申请")),
        (CONVERTED, entry("申请", places=["templates/calendars/years.html"])),
        (BY_HAND, entry("申请", places=["templates/calendars/years.html", "templates/portal/home.html"])),
        (BY_HAND, entry("%(n)s 项", "%(m)s things")),
        (BY_HAND, entry("%(n)s 项", "things")),
        (BY_HAND, entry("%%(n)s 项", "%(n)s things")),
        (BY_HAND, entry("%(n)s 项", "%(n)s thing", "", plural="%(n)s 项")),
    ],
)
def test_what_is_missing_or_says_something_else_is_a_problem(locale, wrong):
    assert len(catalogues.problems(locale, {wrong.key: wrong})) == 1


@pytest.mark.parametrize(
    ("locale", "right"),
    [
        (BY_HAND, entry("申请", places=["templates/calendars/years.html", "applications/desk.py"])),
        (BY_HAND, entry("%(n)s 项", "%(n)d things")),
        (CONVERTED, entry("申请", "申請")),
    ],
)
def test_what_only_staff_read_may_stay_chinese_in_english(locale, right):
    assert catalogues.problems(locale, {right.key: right}) == []


@pytest.mark.parametrize(
    ("simplified", "right"),
    [
        ("特别程序", "特別程序"),
        ("准予行政许可，标准，获准", "准予行政許可，標準，獲准"),
        ("行政复议，重复，答复", "行政復議，重複，答覆"),
        ("办理窗口，网络，信息，登录", "辦理窗口，網絡，信息，登錄"),
        ("这里，村里，三公里", "這裡，村裡，三公里"),
        ("制作，制度，限制", "製作，制度，限制"),
        ("征收，征信，公布，平台", "徵收，徵信，公布，平台"),
        ("剩余三日，日历，联系，系统", "剩餘三日，日曆，聯繫，系統"),
        ("面馆，方面，只能，干部，干净", "麵館，方面，只能，幹部，乾淨"),
    ],
)
def test_the_script_changes_and_the_words_stay(simplified, right):
    from matters.scripts import traditional

    assert traditional(simplified) == right
