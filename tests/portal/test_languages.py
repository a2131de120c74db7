"""The language of an answer: the browser's, until one is chosen; then that, on the same page."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext_lazy, override

from portal.languages import marked
from support.accounts.actions import register_person
from support.accounts.models import User
from support.notices import delivery
from support.notices.actions import tell_party
from tests.applications.conftest import *  # noqa: F403  # cases in each state
from tests.applications.conftest import MONDAY
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
MODE, HOME = "/accessibility/", "/"


def lang(answer) -> str:
    return answer.content.decode().split('<html lang="')[1].split('"')[0]


def choose(client, language, back="/search/?q=%E9%A4%90&page=2"):
    return client.post(MODE, {"language": language, "next": back})


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [
        ("", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-TW,zh;q=0.8", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-Hant-MO", "zh-Hant"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr", "zh-Hans"),
        ("fr,en;q=0.5", "en"),
    ],
)
def test_the_language_of_the_browser(client, accepted, spoken):
    assert lang(client.get(HOME, headers={"accept-language": accepted})) == spoken


def test_a_chosen_language_comes_before_that_of_the_browser_and_keeps_the_page(client):
    answer = choose(client, "en")
    assert answer.url == "/search/?q=%E9%A4%90&page=2"
    page = client.get(answer.url, headers={"accept-language": "zh-TW"})
    assert lang(page) == "en"
    assert "No matching guide found" in page.content.decode()
    assert f'name="next" value="{answer.url}"'.replace("&", "&amp;") in page.content.decode()
    choose(client, "zh-hant")
    assert "沒有找到" in client.get(answer.url).content.decode()


def test_the_bar_says_which_language_is_shown(client):
    page = client.get(HOME, headers={"accept-language": "en"}).content.decode()
    assert (
        '<button name="language" value="en" lang="en" aria-label="English" aria-current="true">EN</button>'
        in page
    )
    assert page.count('aria-current="true"') == 1


@pytest.mark.parametrize("wrong", ["", "fr", "zh", "en-gb", "../x", "EN", "\x00"])
def test_what_is_no_language_changes_nothing(client, citizen, wrong):
    client.force_login(citizen, backend="django.contrib.auth.backends.ModelBackend")
    assert choose(client, wrong).status_code == 302
    assert "language" not in client.cookies
    assert User.objects.get(pk=citizen.pk).language == ""


def test_the_switch_never_leads_to_another_site(client):
    assert choose(client, "en", back="https://elsewhere.example/").url == MODE
    assert choose(client, "en", back="//elsewhere.example/").url == MODE


def test_the_switch_needs_its_token():
    assert Client(enforce_csrf_checks=True).post(MODE, {"language": "en"}).status_code == 403


def test_the_choice_of_the_display_keeps_the_language_and_the_other_way_round(client):
    choose(client, "en")
    client.post(MODE, {"mode": "elder"})
    choose(client, "zh-hant")
    assert client.cookies["mode"].value == "elder"
    assert client.cookies["language"].value == "zh-hant"


@pytest.mark.parametrize("address", [HOME, "/no/such/", "/api/v1/matters/", "/livez"])
def test_no_cache_mixes_languages(client, address):
    varies = client.get(address).headers["Vary"].lower()
    assert "cookie" in varies
    assert "accept-language" in varies


def test_errors_of_the_api_speak_the_language_asked_for(client):
    asked = {"accept-language": "en"}
    assert client.get("/api/v1/no/such/", headers=asked).json() == {"detail": "There is no such API address"}
    answer = client.get("/api/v1/terms/due", {"start": "x"}, headers={"accept-language": "zh-HK"})
    assert "日期格式錯誤。請從這些格式中選擇" in answer.content.decode()


def test_pages_without_a_frame_speak_it_too(client, rf):
    refused = client.post(MODE, headers={"accept-language": "en"}, CONTENT_LENGTH=str(2**30))
    assert refused.status_code == 413
    assert "The submission is too large" in refused.content.decode()


# --- the user's language -----------------------------------------------------------------------------


def test_the_language_chosen_while_logged_in_is_that_of_the_users_mail(client, citizen):
    client.force_login(citizen, backend="django.contrib.auth.backends.ModelBackend")
    choose(client, "en")
    tell_party(
        citizen.party.pk,
        "case_overdue_party",
        key="k",
        context={"number": "NX1", "matter": {"zh-hans": "食品经营许可"}, "clock": "受理期限"},
        url="/my/",
        now=MONDAY,
    )
    assert delivery.send_next("email", now=MONDAY)
    sent = mail.outbox[0]
    assert sent.subject == "Time limit exceeded: 食品经营许可"
    assert "Please log in to read it:" in sent.body


def test_without_a_choice_mail_is_in_the_language_of_the_installation(client, citizen):
    context = {"number": "NX1", "matter": {"zh-hans": "食品经营许可"}}
    tell_party(citizen.party.pk, "case_accepted", key="k", context=context, url="/my/", now=MONDAY)
    assert delivery.send_next("email", now=MONDAY)
    assert mail.outbox[0].subject == "您的申请已受理：食品经营许可"


def test_a_language_chosen_before_the_login_is_kept_at_the_login(client, citizen):
    choose(client, "zh-hant")
    client.post("/accounts/login/", {"username": citizen.username, "password": PASSWORD})
    assert User.objects.get(pk=citizen.pk).language == "zh-hant"
    elsewhere = Client(headers={"accept-language": "en"})
    elsewhere.post("/accounts/login/", {"username": citizen.username, "password": PASSWORD})
    assert User.objects.get(pk=citizen.pk).language == "zh-hant"  # a borrowed browser chose nothing


def test_who_registers_is_written_to_in_the_language_of_the_form(client, db):
    with override("en"):
        user = register_person(
            username="newcomer",
            name="王小明",
            number="640199199003070002",
            phone="19900000001",
            email="",
            password=PASSWORD,
            now=MONDAY,
        )
    assert user.language == "en"


def test_what_is_recorded_is_in_the_words_of_the_source(version, file_case, citizen, client):
    """A reader in English asks for it; what is kept does not change with who asked first."""
    with override("en"):
        case = file_case()
        tell_party(
            citizen.party.pk,
            "document_ready",
            key="k",
            context={"number": "1", "matter": "x", "document": gettext_lazy("受理通知书")},
            url="/my/",
            now=MONDAY,
        )
    assert case.ledger.get().reason == "收到申请材料"
    notice = citizen.notices.get(kind="document_ready")
    assert notice.facts["document"] == "受理通知书"
    with override("en"):
        assert str(notice.title) == "A new official document can be downloaded: Notice of acceptance"


# --- the applicant's pages in Traditional Chinese ----------------------------------------------------


def test_the_form_and_the_case_are_read_in_traditional_chinese(client, citizen, version, received):
    client.force_login(citizen, backend="django.contrib.auth.backends.ModelBackend")
    choose(client, "zh-hant")
    start = client.get(reverse("applications:apply", args=[version.matter.uuid])).content.decode()
    assert "食品經營許可（新辦）" in start
    case = client.get(reverse("applications:case", args=[received.uuid])).content.decode()
    assert "食品經營許可（新辦）" in case
    assert "收到申請材料" in case
    assert "银川市兴庆区审批服务管理局" in case  # a name is never converted


# --- Chinese on English pages ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<p>To 张三</p>", '<p>To <span lang="zh-Hans">张三</span></p>'),
        ("<b>食品（新办），10 份。</b>", '<b><span lang="zh-Hans">食品（新办），10 份。</span></b>'),
        (
            "<p>张三 and 李四</p>",
            '<p><span lang="zh-Hans">张三</span> and <span lang="zh-Hans">李四</span></p>',
        ),
        ('<a title="张 > 三">x</a>', '<a title="张 > 三">x</a>'),
        ("<title>张三</title>", "<title>张三</title>"),
        ("<option>张三</option><textarea>张三</textarea>", "<option>张三</option><textarea>张三</textarea>"),
        ("<!-- 张三 -->", "<!-- 张三 -->"),
        ("<p>Fees, 10 days</p>", "<p>Fees, 10 days</p>"),
        ("<p>&lt;b&gt;张三&amp;李四</p>", None),
    ],
)
def test_chinese_text_is_marked_and_nothing_else_touched(page, shown):
    wrapped = f"<select>{page}</select>" if "<option>" in page else page
    found = marked(wrapped)
    if shown is None:
        shown = '<p>&lt;b&gt;<span lang="zh-Hans">张三</span>&amp;<span lang="zh-Hans">李四</span></p>'
    assert found == (f"<select>{shown}</select>" if "<option>" in page else shown)


def test_only_english_pages_are_marked_and_their_length_is_right(client, places):
    marks = '<span lang="zh-Hans">宁夏回族自治区</span>'
    for language, there in (("en", True), ("zh-hans", False), ("zh-hant", False)):
        answer = client.get("/regions/", headers={"accept-language": language})
        assert (marks in answer.content.decode()) == there
        assert int(answer.headers["Content-Length"]) == len(answer.content)
