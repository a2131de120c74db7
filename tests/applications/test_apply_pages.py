"""Applying in the browser's eyes: prefilled, interrupted, wrong, repeated; nothing typed is lost."""

import copy

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from applications import drafts
from applications.filing import OWN
from applications.models import Application, Draft
from matters.actions import publish
from matters.forms import StepForm
from support.records.actor import TIMER
from tests.applications.conftest import png
from tests.conftest import PASSWORD, actor_of

pytestmark = pytest.mark.django_db


def typed(guide, step, answers) -> dict:
    """The answers of one step as a browser posts them."""
    known = {f.key: answers[f.key] for f in step.fields if f.key in answers}
    form = StepForm(step, answers=answers)
    data = dict(form.filled(known).data)
    own = {f.key for f in step.fields if f.prefill in OWN}  # shown, not asked: browsers send nothing for them
    return {key: "on" if value is True else value for key, value in data.items() if key not in own}


@pytest.fixture
def logged_in(client, citizen):
    client.force_login(citizen)
    return client


@pytest.fixture
def draft(version, citizen, logged_in, settings, tmp_path) -> Draft:
    settings.MEDIA_ROOT = tmp_path / "files"
    logged_in.post(f"/apply/{version.matter.uuid}/")
    return Draft.objects.get()


def upload_everything(draft, guide, citizen):
    for material in guide.uploads:
        drafts.attach(draft, material.key, png(), actor=actor_of(citizen), now=timezone.now())


def test_the_start_page_asks_for_nothing_and_keeps_nothing(logged_in, version, guide):
    page = logged_in.get(f"/apply/{version.matter.uuid}/").content.decode()
    assert all(material.name in page for material in guide.uploads)
    assert "自收到申请材料之日起即为受理" in page
    assert not Draft.objects.exists()


def test_every_step_to_the_confirmation(logged_in, draft, guide, answers, citizen):
    for step in guide.steps:
        url = f"/drafts/{draft.uuid}/{step.key}/"
        assert logged_in.get(url).status_code == 200
        answer = logged_in.post(url, {**typed(guide, step, answers), "action": "continue"})
        assert answer.status_code == 302, answer.content.decode()
    upload_everything(draft, guide, citizen)
    check = logged_in.get(f"/drafts/{draft.uuid}/check/").content.decode()
    assert all(field.label in check for field in guide.fields() if field.shown(answers))
    url = f"/drafts/{draft.uuid}/check/"
    assert logged_in.post(url, {"declare": "yes", "delivery": "electronic"}).status_code == 302
    case = Application.objects.get()
    assert case.answers | {k: answers[k] for k in guide.sensitive_keys if k in answers} == answers
    page = logged_in.get(f"/my/cases/{case.uuid}/submitted/").content.decode()
    assert case.number in page
    assert case.delivery == "electronic"
    assert "有条件" in page


def test_a_second_submission_finds_the_first(logged_in, draft, guide, answers, citizen):
    drafts.write_answers(draft, answers, now=timezone.now())
    upload_everything(draft, guide, citizen)
    url = f"/drafts/{draft.uuid}/check/"
    first = logged_in.post(url, {"declare": "yes", "delivery": "electronic"})
    again = logged_in.post(url, {"declare": "yes", "delivery": "electronic"})
    assert Application.objects.count() == 1
    assert again.status_code == 302
    assert again.url == first.url


def test_errors_keep_what_was_typed_and_name_the_field(logged_in, draft, guide, answers):
    step = next(s for s in guide.steps if any(f.type == "phone" for f in s.fields))
    phone = next(f.key for f in step.fields if f.type == "phone")
    data = typed(guide, step, answers) | {phone: "1990000"}
    answer = logged_in.post(f"/drafts/{draft.uuid}/{step.key}/", {**data, "action": "continue"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "处需要修改" in page
    assert 'value="1990000"' in page
    other = next(f.key for f in step.fields if f.key != phone and f.key in answers and f.type in ("text", "name"))
    assert drafts.read_answers(Draft.objects.get())[other] == answers[other]  # what was right is already saved


def test_hostile_and_endless_input_is_refused_in_words(logged_in, draft, guide, answers):
    step = guide.steps[0]
    data = typed(guide, step, answers)
    text = next(
        f for f in step.fields if f.type in ("text", "textarea", "address", "name") and f.prefill not in OWN
    )
    for value in ("长" * 5000, "\x00<script>alert(1)</script>"):
        answer = logged_in.post(f"/drafts/{draft.uuid}/{step.key}/", {**data, text.key: value})
        assert answer.status_code == 422
        assert "<script>alert" not in answer.content.decode()


def test_a_row_is_added_to_a_table_without_leaving_the_page(logged_in, version):
    column = {"key": "who", "type": "text", "label": {"zh-hans": "称谓"}}
    table = {"key": "kin", "type": "table", "label": {"zh-hans": "家庭成员"}, "columns": [column]}
    document = copy.deepcopy(version.document)
    step = document["form"]["steps"][1]
    step["fields"].append(table)
    now = timezone.now()
    publish(version.matter, document, starts_at=now, actor=TIMER, now=now)
    logged_in.post(f"/apply/{version.matter.uuid}/")
    draft = Draft.objects.get()
    sent = {"kin-count": "1", "kin-0-who": "女儿", "table-rows": "more:kin"}
    answer = logged_in.post(f"/drafts/{draft.uuid}/{step['key']}/", sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="kin-1-who"' in page and "处需要修改" not in page
    draft.refresh_from_db()
    assert drafts.read_answers(draft)["kin"] == [{"who": "女儿"}] and step["key"] not in draft.steps_done
    assert page.index('value="continue"') < page.index('name="table-rows"')  # Enter goes on


def test_clearing_an_optional_answer_clears_it(logged_in, draft, guide, answers):
    for step in guide.steps:
        for field in step.fields:
            if not field.required and field.show_if is None and field.type != "declaration":
                drafts.write_answers(draft, answers, now=timezone.now())
                data = {k: v for k, v in typed(guide, step, answers).items() if not k.startswith(field.key)}
                logged_in.post(f"/drafts/{draft.uuid}/{step.key}/", {**data, "action": "continue"})
                assert field.key not in drafts.read_answers(Draft.objects.get())
                return
    pytest.fail("the sample guide has no optional question")


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("a.png", b"%PDF-1.7 not a picture"), "内容"),
        (SimpleUploadedFile("a.png", b""), "空"),
        (SimpleUploadedFile("a.exe", b"MZ" + b"\0" * 100), ""),
    ],
    ids=["not what its name says", "empty", "a program"],
)
def test_a_bad_file_is_refused_in_its_slot(logged_in, draft, guide, file, words):
    key = guide.uploads[0].key
    answer = logged_in.post(f"/drafts/{draft.uuid}/materials/", {f"file_{key}": file, "upload": key})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="error-{key}"' in page
    assert words in page
    assert not draft.materials.exists()


def test_a_file_too_large_is_refused(logged_in, draft, guide, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    key = guide.uploads[0].key
    big = SimpleUploadedFile("a.png", png().read() + b"\0" * 2000)
    assert "超过" in logged_in.post(f"/drafts/{draft.uuid}/materials/", {f"file_{key}": big}).content.decode()


def test_a_material_outside_the_guide_has_no_slot(logged_in, draft):
    answer = logged_in.post(f"/drafts/{draft.uuid}/materials/", {"file_surprise": png()})
    assert answer.status_code == 422
    assert logged_in.post(f"/drafts/{draft.uuid}/slots/surprise/", {"file_surprise": png()}).status_code == 404
    assert not draft.materials.exists()


def test_missing_materials_are_listed_on_the_way_on(logged_in, draft, guide):
    page = logged_in.post(f"/drafts/{draft.uuid}/materials/", {"action": "continue"}).content.decode()
    assert all(f"请上传“{m.name}”" in page for m in guide.uploads if m.required)


def test_a_deleted_page_is_gone(logged_in, draft, guide, citizen):
    upload_everything(draft, guide, citizen)
    item = draft.materials.first()
    logged_in.post(f"/drafts/{draft.uuid}/materials/", {"delete": str(item.upload.uuid)})
    assert not draft.materials.filter(pk=item.pk).exists()


def test_without_the_declaration_nothing_is_filed(logged_in, draft, guide, answers, citizen):
    drafts.write_answers(draft, answers, now=timezone.now())
    upload_everything(draft, guide, citizen)
    assert logged_in.post(f"/drafts/{draft.uuid}/check/", {}).status_code == 422
    assert not Application.objects.exists()


def test_what_is_missing_is_linked_from_the_check_page(logged_in, draft):
    answer = logged_in.post(f"/drafts/{draft.uuid}/check/", {"declare": "yes", "delivery": "electronic"})
    assert answer.status_code == 422
    assert f"/drafts/{draft.uuid}/materials/?back=check#slot-" in answer.content.decode()


def test_typed_when_the_session_ran_out_is_there_after_login(client, logged_in, draft, guide, answers, citizen):
    step = guide.steps[0]
    url = f"/drafts/{draft.uuid}/{step.key}/"
    data = typed(guide, step, answers)
    text = next(f for f in step.fields if f.type in ("text", "textarea", "address") and f.prefill not in OWN)
    client.logout()
    answer = client.post(url, {**data, text.key: "会话过期前输入的内容"})
    assert answer.status_code == 302
    assert "会话过期前" not in str(dict(client.session))  # kept sealed
    client.post("/accounts/login/", {"username": "citizen", "password": PASSWORD, "next": url})
    other = client.get(f"/drafts/{draft.uuid}/{guide.steps[1].key}/").content.decode()
    assert "已恢复" not in other
    page = client.get(url).content.decode()
    assert "会话过期前输入的内容" in page
    assert Draft.objects.count() == 1


def test_another_person_after_the_session_ran_out_gets_nothing(client, logged_in, draft, guide, answers, stranger):
    url = f"/drafts/{draft.uuid}/{guide.steps[0].key}/"
    client.logout()
    client.post(url, typed(guide, guide.steps[0], answers))
    client.force_login(stranger)
    assert client.get(url).status_code == 404


def test_an_officer_hat_does_not_apply(client, version, clerk):
    client.force_login(clerk)
    assert client.get(f"/apply/{version.matter.uuid}/").status_code == 403


def test_autosave_keeps_valid_answers_and_goes_nowhere(logged_in, draft, guide, answers):
    step = guide.steps[0]
    answer = logged_in.post(
        f"/drafts/{draft.uuid}/{step.key}/", typed(guide, step, answers), headers={"X-Requested-With": "autosave"}
    )
    assert answer.status_code == 200
    assert "已自动保存" in answer.content.decode()
    assert drafts.read_answers(Draft.objects.get())


def test_drafts_are_stored_sealed(draft, citizen):
    assert citizen.party.number.encode() not in bytes(draft.answers_sealed)
    assert citizen.party.number in draft.sealed_text


def test_a_draft_goes_on_under_the_guide_now_in_force(logged_in, draft, version, guide, answers):
    drafts.write_answers(draft, answers, now=timezone.now())
    now = timezone.now()
    newer = publish(version.matter, version.document, starts_at=now, actor=TIMER, now=now)
    answer = logged_in.get(f"/drafts/{draft.uuid}/check/", follow=True)
    assert answer.status_code == 200
    assert "办事指南已更新" in answer.content.decode()
    draft = Draft.objects.get()
    assert (draft.guide, drafts.read_answers(draft)) == (newer, answers)
