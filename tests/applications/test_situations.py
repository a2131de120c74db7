"""情形 in an application: asked first, decides what may and must be handed in, stays with the case."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from applications import drafts, filing
from applications.models import Application, Draft
from matters.actions import publish
from matters.forms import prefill
from support.documents import actions as documents
from support.documents.models import Upload
from support.records.actor import TIMER
from tests.applications.conftest import MONDAY, png
from tests.conftest import actor_of
from tests.matters.situations import with_situations

pytestmark = pytest.mark.django_db

LEASED = {"premises": "leased", "agent": "self"}
OWNED = {"premises": "owned", "agent": "self"}
SEEN = {f"s-{key}": value for key, value in OWNED.items()}
SEND = {"declare": "yes", "delivery": "electronic"}


@pytest.fixture
def asking(guide_of, version):
    """A guide with two questions, in force."""
    changed = with_situations(version.document)
    return guide_of("filing", situations=changed["situations"], materials=changed["materials"])


@pytest.fixture
def given(asking, answers, citizen):
    return {**answers, **prefill(asking.guide, citizen.party)}


@pytest.fixture
def pages(asking, citizen, settings, tmp_path):
    """Fresh uploads of the citizen for these materials."""
    settings.MEDIA_ROOT = tmp_path / "files"
    actor = actor_of(citizen)

    def make(*keys):
        return {
            key: [documents.store_upload(png(), actor=actor, party_id=actor.party_id, now=MONDAY)]
            for key in keys
        }

    return make


@pytest.fixture
def submit(asking, given, citizen):
    def make(choices, uploads, key="situation-key"):
        return filing.submit(
            asking.matter, given, uploads, key=key, actor=actor_of(citizen), now=MONDAY, situations=choices
        )

    return make


# --- the door ------------------------------------------------------------------------------------


def test_a_case_takes_what_its_situation_asks_for(submit, pages):
    case = submit(OWNED, pages("layout", "safety_rules"))
    assert case.situations == OWNED
    assert {item.material_key for item in case.materials.all()} == {"layout", "safety_rules"}


@pytest.mark.parametrize(
    ("choices", "keys", "errors"),
    [
        (LEASED, ("layout", "safety_rules", "lease"), {"consent": ["请上传“使用同意书”。"]}),
        (OWNED, ("layout", "safety_rules", "lease"), {"lease": ["按您选择的情形，不需要这份材料。"]}),
        (OWNED, ("layout", "safety_rules", "other"), {"other": ["办事指南没有要求这份材料。"]}),
        ({}, ("layout",), {
            "situations.premises": ["请选择“场所是自有还是租赁？”"], "situations.agent": ["请选择“由谁办理？”"],
        }),
        ({**OWNED, "premises": "castle"}, (), {
            "situations.premises": ["“场所是自有还是租赁？”请从所列选项中选择"],
        }),
        ({**OWNED, "colour": "red"}, ("layout", "safety_rules"), {
            "situations.colour": ["办事指南没有这个情形问题。"],
        }),
    ],
)  # fmt: skip
def test_what_is_missing_and_what_is_not_asked_for_is_refused(submit, pages, choices, keys, errors):
    with pytest.raises(filing.FilingRefused) as refused:
        submit(choices, pages(*keys))
    assert refused.value.errors == errors
    assert not Application.objects.exists()


def test_a_guide_without_questions_knows_no_answers(version, answers, uploads_for, citizen):
    with pytest.raises(filing.FilingRefused) as refused:
        filing.submit(
            version.matter, answers, uploads_for(citizen), key="k" * 8, actor=actor_of(citizen), now=MONDAY,
            situations=OWNED,
        )  # fmt: skip
    assert set(refused.value.errors) == {"situations.premises", "situations.agent"}


# --- the wizard ----------------------------------------------------------------------------------


@pytest.fixture
def draft(client, asking, citizen, pages, given) -> Draft:
    """Begun by link, everything but situation and files filled in."""
    client.force_login(citizen)
    client.post(f"/apply/{asking.matter.uuid}/?s-premises=leased&s-agent=nobody")
    draft = Draft.objects.get()
    drafts.write_answers(draft, given, now=timezone.now())
    return draft


def attach(draft, *keys):
    for key in keys:
        drafts.attach(draft, key, png(), actor=actor_of(draft.started_by), now=timezone.now())


def test_the_start_page_says_what_the_answers_of_the_link_come_to(client, asking, citizen):
    client.force_login(citizen)
    url = f"/apply/{asking.matter.uuid}/"
    page = client.get(f"{url}?s-premises=lent").content.decode()
    assert "使用同意书" in page
    assert "租赁合同" not in page
    assert "场所是自有还是租赁？ 无偿借用" in page
    assert "第一步先问您的情形" in client.get(url).content.decode()


def test_the_first_page_asks_prefilled_from_the_link(client, draft):
    assert draft.situations == {"premises": "leased"}
    answer = client.post(f"/apply/{draft.matter.uuid}/?s-premises=owned")
    assert answer.url == f"/drafts/{draft.uuid}/your-situation/"
    draft.refresh_from_db()
    assert draft.situations == {"premises": "leased"}, "what the draft says counts more than another link"
    page = client.get(answer.url).content.decode()
    assert '<input type="radio" name="premises" value="leased" id="id_premises_1" checked>' in page
    assert "以合同为准。" in page


def test_going_on_needs_every_answer_and_keeps_those_given(client, draft):
    url = f"/drafts/{draft.uuid}/your-situation/"
    answer = client.post(url, {"premises": "owned", "agent": "nobody", "action": "continue"})
    assert answer.status_code == 422
    assert "“由谁办理？”请从所列选项中选择" in answer.content.decode()
    draft.refresh_from_db()
    assert (draft.situations, draft.steps_done) == ({"premises": "owned"}, [])
    saved = client.post(url, OWNED, headers={"x-requested-with": "autosave"})
    assert (saved.status_code, "已自动保存" in saved.content.decode()) == (200, True)
    assert client.post(url, {**LEASED, "action": "exit"}).url == "/my/"
    draft.refresh_from_db()
    assert draft.situations == LEASED
    assert client.post(url, {**OWNED, "action": "continue"}).url == f"/drafts/{draft.uuid}/applicant/"


def test_only_the_files_of_the_situation_are_asked_for_and_taken(client, draft):
    materials = f"/drafts/{draft.uuid}/materials/"
    assert client.get(materials).url == f"/drafts/{draft.uuid}/your-situation/", (
        "not before the answers are there"
    )
    drafts.save_situations(draft, OWNED, done=True, now=timezone.now())
    page = client.get(materials).content.decode()
    assert "设备布局及操作流程" in page
    assert "租赁合同" not in page
    answer = client.post(f"/drafts/{draft.uuid}/slots/lease/", {"file_lease": png()})
    assert "按您选择的情形，不需要这份材料。" in answer.content.decode()
    answer = client.post(materials, {"file_lease": png(), "action": "continue"})
    assert (answer.status_code, Upload.objects.count()) == (422, 0)
    drafts.save_situations(draft, LEASED, done=True, now=timezone.now())
    assert "租赁合同" in client.get(materials).content.decode()


def test_a_change_keeps_files_but_submits_only_those_asked_for(client, draft, asking):
    drafts.save_situations(draft, LEASED, done=True, now=timezone.now())
    attach(draft, "layout", "safety_rules", "lease", "consent")
    client.post(f"/drafts/{draft.uuid}/materials/", {"action": "continue"})
    check = f"/drafts/{draft.uuid}/check/"
    assert "不会提交的文件" not in client.get(check).content.decode()
    change = client.post(f"/drafts/{draft.uuid}/your-situation/?back=check", {**OWNED, "action": "continue"})
    assert change.url == f"/drafts/{draft.uuid}/materials/", "the materials are to be looked at again"
    assert draft.materials.count() == 4
    page = client.get(check)
    assert "不会提交的文件" in page.content.decode()
    assert [name for name, _item in page.context["spared"]] == ["使用同意书", "租赁合同"]
    client.post(check, {**SEND, **SEEN})
    case = Application.objects.get()
    assert (case.situations, case.guide_id) == (OWNED, asking.pk)
    assert {item.material_key for item in case.materials.all()} == {"layout", "safety_rules"}
    assert Upload.objects.count() == 2, "what was not asked for is deleted"


def test_the_same_answers_again_leave_the_materials_done(client, draft):
    drafts.save_situations(draft, OWNED, done=True, now=timezone.now())
    attach(draft, "layout", "safety_rules")
    client.post(f"/drafts/{draft.uuid}/materials/", {"action": "continue"})
    back = client.post(f"/drafts/{draft.uuid}/your-situation/?back=check", {**OWNED, "action": "continue"})
    assert back.url == f"/drafts/{draft.uuid}/check/"


def test_the_check_page_leads_to_the_question_that_lacks_an_answer(client, draft):
    attach(draft, "layout", "safety_rules", "lease", "consent")
    page = client.post(f"/drafts/{draft.uuid}/check/", {**SEND, "s-premises": "leased"})
    assert page.status_code == 422
    said = page.content.decode()
    assert f'href="/drafts/{draft.uuid}/your-situation/?back=check#id_agent"' in said
    assert "请选择“由谁办理？”" in said
    assert "修改“情形”" in said


def test_what_was_changed_in_another_window_is_looked_at_before_it_is_sent(client, draft):
    drafts.save_situations(draft, LEASED, done=True, now=timezone.now())
    attach(draft, "layout", "safety_rules", "lease", "consent")
    page = client.post(f"/drafts/{draft.uuid}/check/", {**SEND, **SEEN})
    assert page.status_code == 422
    assert "您在别处更改了情形" in page.content.decode()
    assert not Application.objects.exists()
    assert '<input type="hidden" name="s-premises" value="leased">' in page.content.decode()


def test_a_new_guide_drops_the_answers_it_does_not_know(client, draft, asking):
    drafts.save_situations(draft, LEASED, done=True, now=timezone.now())
    attach(draft, "layout", "safety_rules", "lease", "consent")
    document = {key: value for key, value in asking.document.items() if key != "identity"}
    document["situations"] = document["situations"][:1]
    document["materials"] = [m for m in document["materials"] if m["key"] not in ("letter", "consent")]
    now = timezone.now()
    publish(asking.matter, document, starts_at=now, actor=TIMER, now=now)
    client.get(f"/drafts/{draft.uuid}/check/")
    draft.refresh_from_db()
    assert (draft.situations, draft.steps_done) == ({"premises": "leased"}, [])
    page = client.get(f"/drafts/{draft.uuid}/check/")
    assert [name for name, _item in page.context["spared"]] == [""], "no material of the guide in force"
    assert client.post(f"/drafts/{draft.uuid}/check/", {**SEND, "s-premises": "leased"}).status_code == 302
    assert {item.material_key for item in Application.objects.get().materials.all()} == {
        "layout", "safety_rules", "lease",
    }  # fmt: skip


def test_without_files_the_materials_page_is_left_out(client, guide_of, version, citizen):
    changed = with_situations(version.document)
    only = [m for m in changed["materials"] if m["key"] in ("application", "lease", "letter")]
    asking = guide_of("filing", situations=changed["situations"], materials=only)
    client.force_login(citizen)
    client.post(f"/apply/{asking.matter.uuid}/")
    draft = Draft.objects.get()
    drafts.save_situations(draft, OWNED, done=True, now=timezone.now())
    assert client.get(f"/drafts/{draft.uuid}/materials/").url == f"/drafts/{draft.uuid}/check/"
    assert "申请材料" not in client.get(f"/drafts/{draft.uuid}/check/").content.decode()


# --- the case ------------------------------------------------------------------------------------


def test_the_case_keeps_and_shows_its_situation(client, submit, pages, asking, citizen, clerk, read_papers):
    case = submit(LEASED, pages("layout", "safety_rules", "lease", "consent"))
    document = {key: value for key, value in asking.document.items() if key != "identity"}
    document.pop("situations")
    document["materials"] = document["materials"][:3]
    now = timezone.now()
    publish(asking.matter, document, starts_at=now, actor=TIMER, now=now)
    client.force_login(clerk)
    page = client.get(f"/desk/{case.uuid}/")
    assert [row["material"].key for row in page.context["materials"]] == [
        "layout", "safety_rules", "lease", "consent",
    ]  # fmt: skip
    said = page.content.decode()
    assert "场所是自有还是租赁？" in said
    assert "授权委托书" not in said
    client.force_login(citizen)
    assert "场所是自有还是租赁？" in client.get(f"/my/cases/{case.uuid}/").content.decode()
    while documents.drain(MONDAY):
        pass
    receipt = read_papers(case)["receipt"]
    assert "选择的情形：场所是自有还是租赁？租赁；由谁办理？本人。" in receipt
    assert "使用同意书" in receipt


# --- the API -------------------------------------------------------------------------------------


def test_the_api_takes_and_tells_the_situation(client, asking, given, pages, citizen):
    client.force_login(citizen)
    uploads = pages("layout", "safety_rules", "lease")
    body = {
        "matter": str(asking.matter.uuid),
        "answers": given,
        "declare": True,
        "situations": {**OWNED, "premises": "castle", "x" * 50: "y"},
        "materials": {key: [str(page.uuid) for page in files] for key, files in uploads.items()},
    }

    def post():
        return client.post(
            "/api/v1/cases/", body, "application/json", headers={"idempotency-key": "situation-1"}
        )

    errors = post().json()["errors"]
    assert errors["situations.premises"] == ["“场所是自有还是租赁？”请从所列选项中选择"]
    assert errors["situations." + "x" * 50] == ["办事指南没有这个情形问题。"]
    body["situations"] = OWNED
    assert post().json()["errors"] == {"lease": ["按您选择的情形，不需要这份材料。"]}
    body["materials"].pop("lease")
    answer = post()
    assert (answer.status_code, answer.json()["situations"]) == (201, OWNED)
    for nonsense in ([], "leased", {"premises": ["leased"]}, {"premises": "长" * 50}):
        body["situations"] = nonsense
        answer = client.post(
            "/api/v1/cases/", body, "application/json", headers={"idempotency-key": "situation-2"}
        )
        assert answer.status_code == 400
        assert [place.split(".")[0] for place in answer.json()["errors"]] == ["situations"], nonsense


# --- races ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_meets_a_change_is_asked_for_or_refused(draft):
    """The slot was on the page when the situation was changed elsewhere: the lock decides, nothing is left over."""
    drafts.save_situations(draft, LEASED, done=True, now=timezone.now())
    stale = Draft.objects.select_related("guide").get(pk=draft.pk)

    def change():
        drafts.save_situations(draft, OWNED, done=True, now=timezone.now())
        connection.close()

    other = threading.Thread(target=change)
    other.start()
    other.join()
    with pytest.raises(documents.UploadRefused, match="不需要这份材料"):
        attach(stale, "lease")
    assert not Upload.objects.exists()
