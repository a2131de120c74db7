"""长辈版: one question on a page through the whole form; the same draft as otherwise."""

import re

import pytest
from django.utils import timezone

from applications import drafts, questions
from applications.models import Application, Draft
from matters.forms import step_form
from tests.applications.conftest import png
from tests.applications.test_apply_pages import draft, logged_in, typed  # noqa: F401
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db
FIRST = re.compile(r"/drafts/[^/]+/([^/]+)/([^/]+)/$")


@pytest.fixture
def elder(logged_in):  # noqa: F811
    logged_in.cookies["mode"] = "elder"
    return logged_in


@pytest.fixture
def base(draft) -> str:  # noqa: F811
    return f"/drafts/{draft.uuid}"


def place(url: str) -> tuple[str, str]:
    return FIRST.search(url.partition("?")[0]).groups()


def one(guide, key, answers) -> dict:
    """What a browser posts of one question."""
    return {
        name: value
        for name, value in typed(guide, guide.step(guide.field(key).step), answers).items()
        if name == key or name.startswith(f"{key}_")
    } | {"action": "continue"}


def walk(client, guide, base, answers) -> list[str]:
    """Answer page after page from the first one to the materials; the keys of the questions met."""
    met, url = [], client.get(f"{base}/{guide.steps[0].key}/").url
    while "/materials/" not in url:
        _step, key = place(url)
        page = client.get(url)
        assert page.status_code == 200
        assert set(page.context["form"].fields) == {key}
        met.append(key)
        answer = client.post(url, one(guide, key, answers))
        assert answer.status_code == 302, (key, page.context["form"].errors)
        url = answer.url
    return met


def test_every_question_alone_and_the_same_case_in_the_end(elder, base, draft, guide, answers, citizen):  # noqa: F811
    assert walk(elder, guide, base, answers) == [f.key for f in guide.fields() if f.shown(answers)]
    assert {step.key for step in guide.steps} <= set(Draft.objects.get().steps_done)
    url = elder.get(f"{base}/materials/").url
    for material in guide.uploads:
        assert place(url) == ("materials", material.key)
        page = elder.post(url, {"action": "continue"})
        if material.required:
            assert page.status_code == 422
            assert page.content.decode().count("请上传“") >= 1
            assert [slot["slot"] for slot in page.context["slots"]] == [material.key]
            drafts.attach(draft, material.key, png(), actor=actor_of(citizen), now=timezone.now())
            page = elder.post(url, {"action": "continue"})
        url = page.url
    assert url == f"{base}/check/"
    assert elder.post(url, {"declare": "yes", "delivery": "window"}).status_code == 302
    case = Application.objects.get()
    assert case.answers | {k: answers[k] for k in guide.sensitive_keys if k in answers} == answers


def test_a_fault_is_told_at_its_question_and_touches_no_other(elder, base, guide, answers):
    drafts.write_answers(Draft.objects.get(), answers, now=timezone.now())
    phone = next(f for f in guide.fields() if f.type == "phone")
    url = f"{base}/{phone.step}/{phone.key}/"
    page = elder.post(url, {phone.key: "1990000", "action": "continue"})
    assert page.status_code == 422
    assert 'value="1990000"' in page.content.decode()
    assert "有 1 处需要修改" in page.content.decode()
    assert drafts.read_answers(Draft.objects.get()) == answers


def conditional(guide):
    """A question that is asked after a certain answer, the one it hangs on, and another answer to that."""
    field = next(f for f in guide.fields() if f.show_if and not guide.field(f.show_if.terms[0][0]).prefill)
    ((key, wanted),) = field.show_if.terms
    other = next(value for value, _label in guide.field(key).choices if value != wanted)
    return field, guide.field(key), wanted, other


def test_only_what_the_answers_ask_for(elder, base, guide, answers):
    field, asked, wanted, other = conditional(guide)
    for value in (wanted, other):
        now = {k: v for k, v in answers.items() if k != field.key} | {asked.key: value}
        shown = [f.key for f in questions.asked(guide, now)]
        assert (field.key in shown) == (value == wanted)
        answer = elder.post(f"{base}/{asked.step}/{asked.key}/", one(guide, asked.key, now))
        drafts.write_answers(Draft.objects.get(), now, now=timezone.now())
        follows = place(answer.url)[1] if "/check/" not in answer.url else ""
        if shown.index(asked.key) + 1 < len(shown):
            assert follows == shown[shown.index(asked.key) + 1]
    moved = elder.get(f"{base}/{field.step}/{field.key}/")
    assert moved.status_code == 302
    assert elder.post(f"{base}/{field.step}/{field.key}/", {field.key: "x"}).status_code == 302


def test_what_hangs_on_an_unasked_question_is_not_asked(guide, answers):
    field, asked, wanted, other = conditional(guide)
    stale = answers | {asked.key: other, field.key: "of the other branch"}
    assert field.key not in [f.key for f in questions.asked(guide, stale)]
    assert questions.unanswered(guide, answers) is None


def test_a_change_from_the_check_page_goes_back_there(elder, base, guide, answers):
    field, asked, wanted, other = conditional(guide)
    now = {k: v for k, v in answers.items() if k != field.key} | {asked.key: other}
    drafts.write_answers(Draft.objects.get(), now, now=timezone.now())
    page = elder.get(f"{base}/check/").content.decode()
    link = f"{base}/{asked.step}/{asked.key}/?back=check"
    assert link in page
    same = elder.post(link, one(guide, asked.key, now))
    assert same.url == f"{base}/check/"
    opens = elder.post(link, one(guide, asked.key, now | {asked.key: wanted}))
    assert opens.url == f"{base}/{field.step}/{field.key}/?back=check"
    assert "check" not in elder.post(link.partition("?")[0], one(guide, asked.key, now)).url
    unanswered = elder.post(f"{base}/check/", {"declare": "yes", "delivery": "window"})
    assert f"{base}/materials/{guide.uploads[0].key}/?back=check" in unanswered.content.decode()


def test_the_mode_can_change_at_any_time(elder, base, draft, guide, answers):  # noqa: F811
    step = guide.steps[0]
    [first, second, *_] = [f.key for f in questions.asked(guide, answers) if f.step == step.key]
    elder.post(f"{base}/{step.key}/{second}/", one(guide, second, answers))
    assert step.key not in Draft.objects.get().steps_done, "not gone through to its end"
    del elder.cookies["mode"]
    moved = elder.get(f"{base}/{step.key}/{second}/")
    assert moved.url == f"{base}/{step.key}/#id_{second}"
    assert (
        step_form(guide, step.key).fields.keys()
        <= elder.get(f"{base}/{step.key}/").context["form"].fields.keys()
    )
    assert drafts.read_answers(Draft.objects.get())[second] == answers[second]
    # a page opened before the mode was changed is sent whole
    elder.cookies["mode"] = "elder"
    answer = elder.post(f"{base}/{step.key}/", {**typed(guide, step, answers), "action": "continue"})
    assert answer.url == f"{base}/{guide.steps[1].key}/"
    assert step.key in Draft.objects.get().steps_done
    assert place(elder.get(answer.url).url)[0] == guide.steps[1].key


def test_back_from_the_first_question_of_a_step_is_the_last_of_the_one_before(elder, base, guide, answers):
    drafts.write_answers(Draft.objects.get(), answers, now=timezone.now())
    asked = questions.asked(guide, answers)
    for before, field in zip(asked, asked[1:], strict=False):
        page = elder.get(f"{base}/{field.step}/{field.key}/")
        assert page.context["before_url"] == f"{base}/{before.step}/{before.key}/"


def test_an_unknown_question_leads_to_the_step(elder, base, guide):
    assert elder.get(f"{base}/{guide.steps[0].key}/nonsense/").url == f"{base}/{guide.steps[0].key}/"
