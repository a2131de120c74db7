"""窗口代录: filed on behalf at the counter, with the same form and door as online, and never one's own."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from applications import counter, drafts, filing
from applications.actions import available
from applications.counter import Copies
from applications.desk import can_act
from applications.models import Application, Draft, PaperReceived
from applications.permissions import may_take
from applications.workflow import STEPS, StepRefused
from matters.actions import publish
from matters.models import GuideVersion
from support.accounts import window
from support.accounts.actions import grant, register_organisation, register_person
from support.accounts.models import AgencyGrant, Mandate, Party
from support.accounts.window import Visitor
from support.documents import actions as documents
from support.documents.models import Document, Upload
from support.notices.models import Delivery, Notice
from support.places.models import Role
from support.records.actor import TIMER
from support.records.models import AuditEvent
from tests.applications.conftest import CONSENT, guide_of, png, text  # noqa: F401
from tests.applications.test_apply_pages import typed
from tests.conftest import PASSWORD, actor_of

pytestmark = pytest.mark.django_db

NUMBER, NAME = "640199197001010007", "赵秀英"
CLAIMED = "冒用名"
AGENT_NUMBER, AGENT_NAME = "640199197001010015", "钱志强"
USCC = "11100000000013338W"
FORM = {
    "kind": "natural", "name": NAME, "number": NUMBER, "phone": "19900000055", "address": "示例路5号",
    "present": "self", "seen": "on",
}  # fmt: skip
AGENT = {
    "present": "agent", "agent_name": AGENT_NAME, "agent_number": AGENT_NUMBER, "mandate": "授权委托书（2026-11-20）",
}  # fmt: skip
DONE = {"declare": "yes", "delivery": "window"}


@pytest.fixture
def desk(client, clerk, version, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    client.force_login(clerk)
    return client


@pytest.fixture
def begin(desk, version):
    """Begin as the clerk; the draft."""

    def make(**changes) -> Draft:
        answer = desk.post(f"/desk/intake/{version.matter.uuid}/", {**FORM, **changes})
        assert answer.status_code == 302, answer.content.decode()
        return Draft.objects.exclude(agency=None).latest("pk")

    return make


@pytest.fixture
def filled(begin, guide, answers):
    """A draft with every answer, and every material on paper or scanned."""

    def make(**changes) -> Draft:
        draft = begin(**changes)
        drafts.write_answers(draft, {**answers, **drafts.read_answers(draft)}, now=timezone.now())
        counter.keep_sheets(draft, {m.key: Copies(1, 0) for m in guide.at_window if m.on_paper})
        return draft

    return make


def page_of(draft, page) -> str:
    return f"/desk/intake/drafts/{draft.uuid}/{page}/"


def refused(desk, version, **changes) -> str:
    answer = desk.post(f"/desk/intake/{version.matter.uuid}/", {**FORM, **changes})
    assert answer.status_code == 422
    assert not Draft.objects.exists()
    return answer.content.decode()


# --- from the desk to the receipt -----------------------------------------------------------------------


def test_from_the_desk_to_the_receipt(desk, version, guide, answers, clerk, agency, read_papers):
    assert "/desk/intake/" in desk.get("/desk/").content.decode()
    assert guide.name in desk.get("/desk/intake/?q=食品经营").content.decode()
    begun = desk.post(f"/desk/intake/{version.matter.uuid}/", FORM)
    draft = Draft.objects.get()
    assert (begun.status_code, draft.agency) == (302, agency)
    for step in guide.steps:
        answer = desk.post(page_of(draft, step.key), {**typed(guide, step, answers), "action": "continue"})
        assert answer.status_code == 302, answer.content.decode()
    paper, scanned = guide.at_window[0], guide.at_window[1]
    sent = {f"paper_{m.key}": "yes" for m in guide.at_window if m != scanned}
    sent |= {f"original_{m.key}": "1" for m in guide.at_window} | {"action": "continue"}
    sent[f"file_{scanned.key}"] = png()
    assert desk.post(page_of(draft, "materials"), sent).status_code == 302
    check = desk.get(page_of(draft, "check")).content.decode()
    assert NUMBER in check and "读给申请人听" in check and "纸质原件 1 份" in check
    done = desk.post(page_of(draft, "check"), DONE)
    case = Application.objects.get()
    assert done.url == f"/desk/intake/done/{case.uuid}/"
    assert (case.channel, case.filed_by, case.party.name, case.guide) == ("counter", clerk, NAME, version)
    assert set(case.sheets.values_list("material_key", flat=True)) == {
        m.key for m in guide.at_window if m != scanned
    }
    assert case.materials.get().material_key == scanned.key
    assert case.intake.officer_name == clerk.name
    assert not Draft.objects.exists()
    receipt = Document.objects.get(kind="receipt").payload
    assert receipt["window"]["officer"] == clerk.name
    assert receipt["materials"][0] == {"name": paper.name, "pages": 0, "original": 1, "copy": 0}
    page = desk.get(done.url).content.decode()
    assert case.number in page and "收件回执" in page
    while documents.drain(timezone.now()):
        pass
    paper = read_papers(case)["receipt"]
    assert "在政务服务窗口提交" in paper and f"由窗口人员{clerk.name}代为录入，申请人核对并签名" in paper


def test_submitted_twice_is_one_case_also_by_two_clerks(filled, desk, window_chief):
    draft = filled()
    first = desk.post(page_of(draft, "check"), DONE)
    again = desk.post(page_of(draft, "check"), DONE)
    other = filing.submit_draft(draft, actor=actor_of(window_chief), now=timezone.now())
    assert first.url == again.url
    assert Application.objects.get() == other


def test_two_clerks_work_on_one_draft(begin, version, window_chief):
    draft = begin()
    again = counter.start(
        version, Visitor("natural", NAME, NUMBER), None, actor=actor_of(window_chief), now=timezone.now()
    )
    assert again == draft


def test_the_applicant_must_have_checked_and_signed(filled, desk):
    draft = filled()
    answer = desk.post(page_of(draft, "check"), {"delivery": "post", "delivery_address": "示例路9号"})
    assert answer.status_code == 422
    assert "请先读给申请人听" in answer.content.decode()
    assert "示例路9号" in answer.content.decode()
    assert not Application.objects.exists()


def test_a_guide_published_meanwhile_goes_on_with_what_was_typed(filled, desk, version):
    draft = filled()
    now = timezone.now()
    newer = publish(version.matter, version.document, starts_at=now, actor=TIMER, now=now)
    kept = drafts.read_answers(draft)
    page = desk.get(page_of(draft, "check"), follow=True)
    assert "办事指南已更新" in page.content.decode()
    draft = Draft.objects.get()
    assert (draft.guide, drafts.read_answers(draft)) == (newer, kept)
    assert counter.sheets_of(draft)


def test_typed_when_the_session_ran_out_is_there_after_login(begin, desk, client, guide, answers):
    draft = begin()
    step = guide.steps[0]
    words = next(
        f for f in step.fields if f.type in ("text", "textarea", "address") and f.prefill not in filing.OWN
    )
    client.logout()
    url = page_of(draft, step.key)
    client.post(url, {**typed(guide, step, answers), words.key: "会话过期前输入的内容"})
    client.post("/accounts/login/", {"username": "clerk", "password": PASSWORD, "next": url})
    assert "会话过期前输入的内容" in client.get(url).content.decode()


# --- who applies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"number": "640199197001010006"}, "校验"),
        ({"number": "64019919700101"}, "身份证号码应为 18 位，您输入了 14 位"),
        ({"kind": "legal"}, "统一社会信用代码"),
        ({"name": ""}, "请填写姓名或者名称"),
        ({"phone": "1990000"}, "手机号码应为 11 位"),
        ({"seen": ""}, "请先查验证件"),
        ({"present": ""}, "请选择谁来办理"),
        (AGENT | {"mandate": ""}, "请写明经办人出示的授权文件"),
        (AGENT | {"agent_number": NUMBER}, "这是申请人自己的号码"),
        (AGENT | {"agent_number": "640199199003070002"}, "姓名与该号码登记的不一致"),
        ({"number": "640199199003070002"}, "与该号码登记的不一致"),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(desk, version, citizen, changes, words):
    Party.objects.filter(pk=citizen.party.pk).update(identity_level=3)
    page = refused(desk, version, **changes)
    assert words in page
    assert "处需要修改" in page
    kept = {**FORM, **changes}
    assert all(
        f'value="{kept[name]}"' in page for name in ("name", "number", "phone", "address") if kept[name]
    )


def test_a_known_number_shows_nothing_of_what_is_stored(desk, version, citizen):
    page = refused(desk, version, number=citizen.party.number)
    assert not any(word in page for word in (citizen.name, citizen.party.phone, citizen.party.address))
    event = AuditEvent.objects.get(verb="read.party_match")
    assert (event.subject_id, event.details) == (citizen.party.pk, {"matches": False})


def test_a_person_without_account_is_met_and_her_identity_counts_as_checked(begin):
    party = begin().party
    assert (party.name, party.number, party.identity_level, party.user) == (NAME, NUMBER, 3, None)
    assert AuditEvent.objects.get(verb="party.met").subject_id == party.pk


def test_an_agent_is_on_the_record_with_the_mandate_and_checks_nobody(filled, desk):
    draft = filled(**AGENT)
    assert draft.party.identity_level == 1
    desk.post(page_of(draft, "check"), DONE)
    case = Application.objects.get()
    assert (case.intake.agent_name, case.intake.agent_number) == (AGENT_NAME, AGENT_NUMBER)
    assert AGENT_NUMBER.encode() not in bytes(case.intake.agent_sealed)
    page = desk.get(f"/desk/{case.uuid}/").content.decode()
    assert AGENT_NAME in page and "授权委托书（2026-11-20）" in page
    assert "窗口开通码" not in desk.get(f"/desk/intake/done/{case.uuid}/").content.decode()
    assert Document.objects.get(kind="receipt").payload["window"]["agent"] == AGENT_NAME


def test_what_the_account_holds_stays_out_of_the_form(begin, guide, citizen):
    Party.objects.filter(pk=citizen.party.pk).update(identity_level=3)
    draft = begin(number=citizen.party.number, name=citizen.name)
    answers = drafts.read_answers(draft)
    phone = next(f.key for f in guide.fields() if f.prefill == "party.phone")
    assert answers[phone] == FORM["phone"]
    assert citizen.party.phone not in str(answers)
    assert Party.objects.get(pk=citizen.party.pk).phone == citizen.party.phone


def test_an_organisation_is_met_under_its_code(begin):
    party = begin(kind="legal", name="示例研究院", number=USCC).party
    assert (party.kind, party.code_type, party.number) == ("legal", "001", USCC)


# --- accounts -------------------------------------------------------------------------------------------


def test_the_account_holder_sees_the_case_and_who_took_it_in(filled, desk, client, clerk, citizen):
    draft = filled(number=citizen.party.number, name=citizen.name, account="own")
    desk.post(page_of(draft, "check"), DONE | {"delivery": "electronic"})
    case = Application.objects.get()
    assert Party.objects.get(pk=citizen.party.pk).identity_level == 3
    client.force_login(citizen)
    page = client.get(f"/my/cases/{case.uuid}/").content.decode()
    assert f"由窗口人员{clerk.name}代为录入" in page
    assert "纸质原件 1 份" in page


def test_whose_an_unchecked_account_is_must_be_asked(desk, version, citizen):
    page = refused(desk, version, number=citizen.party.number, name=citizen.name)
    assert "是不是本人的" in page
    assert 'value="foreign"' in page


@pytest.mark.parametrize("name", [NAME, CLAIMED])
def test_an_account_that_only_claimed_the_number_loses_it_with_the_case(
    filled, desk, client, version, citizen, name
):
    """Under whatever name it was claimed; while the window only types, nothing has happened."""
    own = drafts.start(version.matter, version, actor=actor_of(citizen), now=timezone.now())
    Party.objects.filter(pk=citizen.party.pk).update(name=CLAIMED)
    party = Party.objects.get(pk=citizen.party.pk)
    draft = filled(number=party.number, name=name, account="foreign")
    before = Party.objects.get(pk=party.pk)
    assert (before.user, before.name, before.phone) == (citizen, party.name, party.phone)
    assert before.identity_level < 3 and not Notice.objects.filter(user=citizen).exists()
    for path in (page_of(draft, "check"), f"/desk/intake/drafts/{draft.uuid}/discard/", "/desk/intake/"):
        page = desk.get(path).content.decode()
        assert name in page, path
        assert name == CLAIMED or CLAIMED not in page, path
    electronic = desk.post(page_of(draft, "check"), DONE | {"delivery": "electronic"})
    assert "还没有网上账户" in electronic.content.decode()
    assert desk.post(page_of(draft, "check"), DONE).status_code == 302
    case, after = Application.objects.get(), Party.objects.get(pk=party.pk)
    assert (after.user, after.name, after.identity_level, after.phone) == (None, name, 3, FORM["phone"])
    assert Document.objects.get(kind="receipt").payload["applicant"] == name
    assert not Draft.objects.filter(pk=own.pk).exists()
    event = AuditEvent.objects.get(verb="party.release")
    assert event.details == {"user": citizen.pk, "mandates": 0, "users": [citizen.pk]}
    assert actor_of(citizen).party_id is None
    notice = Notice.objects.get(user=citizen)
    assert (notice.kind, notice.party, notice.agency) == ("account_released", None, case.agency)
    assert timezone.localdate().isoformat() in notice.body and "行政复议" in notice.body
    assert Delivery.objects.get(notice=notice).address == citizen.email
    client.force_login(citizen)
    page = client.get("/my/messages/").content.decode()
    assert case.agency.short_name in page and "解除关联" in page
    assert case.number not in page and name not in page


def test_a_discarded_draft_takes_nobodys_account_away(begin, desk, citizen):
    draft = begin(number=citizen.party.number, name=NAME, account="foreign")
    desk.post(f"/desk/intake/drafts/{draft.uuid}/discard/")
    party = Party.objects.get(pk=citizen.party.pk)
    assert (party.user, party.name) == (citizen, citizen.name)


def test_a_second_draft_ends_no_account_that_was_opened_meanwhile(filled, desk, guide_of, version, citizen):  # noqa: F811
    draft = filled(number=citizen.party.number, name=NAME, account="foreign")
    party = Party.objects.get(pk=draft.party_id)
    Party.objects.filter(pk=party.pk).update(identity_level=3, name=NAME)
    desk.post(page_of(draft, "check"), DONE)
    assert Application.objects.exists()
    assert Party.objects.get(pk=party.pk).user == citizen


def test_a_name_checked_elsewhere_meanwhile_stops_the_filing(filled, desk, citizen):
    draft = filled(number=citizen.party.number, account="foreign")
    Party.objects.filter(pk=draft.party_id).update(identity_level=3)
    answer = desk.post(page_of(draft, "check"), DONE)
    assert (answer.status_code, "请按证件核对" in answer.content.decode()) == (422, True)
    assert Party.objects.get(pk=draft.party_id).user == citizen


def test_an_account_under_another_name_is_asked_about(desk, version, citizen):
    page = refused(desk, version, number=citizen.party.number)
    assert "是不是本人的" in page and 'value="foreign"' in page


def test_who_says_it_is_their_own_account_has_the_name_of_the_document(filled, desk, citizen):
    desk.post(page_of(filled(number=citizen.party.number, account="own"), "check"), DONE)
    party = Party.objects.get(pk=citizen.party.pk)
    assert (party.user, party.name, party.identity_level) == (citizen, NAME, 3)
    assert not Notice.objects.filter(kind="account_released").exists()


def test_the_name_typed_first_gives_way_to_that_of_the_document(begin, filled, desk, citizen):
    number = citizen.party.number
    begin(number=number, name="赵秀央", account="own")
    desk.post(page_of(filled(number=number, account="own"), "check"), DONE)
    assert Application.objects.get().party.name == NAME


def test_for_an_agent_another_name_means_that_the_person_must_come(desk, version, citizen):
    page = refused(desk, version, number=citizen.party.number, account="own", **AGENT)
    assert "请申请人本人（法定代表人、负责人）持证件到窗口" in page


def test_an_agents_number_claimed_under_another_name_is_no_reason_to_refuse(begin, citizen):
    assert begin(**AGENT | {"agent_number": citizen.party.number})


def test_an_agent_takes_nobodys_account_away(desk, version, citizen):
    page = refused(desk, version, number=citizen.party.number, name=citizen.name, account="foreign", **AGENT)
    assert "只有申请人本人" in page
    assert Party.objects.get(pk=citizen.party.pk).user == citizen


def test_a_mandate_that_was_only_claimed_ends_with_the_account(filled, desk, firm):
    held = set(Mandate.objects.filter(party=firm, revoked_at=None).values_list("user_id", flat=True))
    desk.post(
        page_of(filled(kind="legal", name="真名公司", number=firm.number, account="foreign"), "check"), DONE
    )
    assert not Mandate.objects.filter(party=firm, revoked_at=None).exists()
    assert held == set(Notice.objects.filter(kind="account_released").values_list("user_id", flat=True))


def register(number=NUMBER, name=NAME, code="", username="zhaoxiuying"):
    return register_person(
        username=username, name=name, number=number, phone="19900000066", email="", password="x",
        now=timezone.now(), code=code,
    )  # fmt: skip


def test_whoever_has_the_code_of_the_window_registers_and_sees_the_case(filled, desk, client):
    desk.post(page_of(filled(), "check"), DONE)
    case = Application.objects.get()
    page = desk.get(f"/desk/intake/done/{case.uuid}/").content.decode()
    code = window.opening_code(case.party, timezone.now())
    assert code in page
    client.logout()
    form = {
        "username": "zhaoxiuying", "name": NAME, "number": NUMBER, "phone": "19900000066",
        "password1": "four-calm-horses", "password2": "four-calm-horses",
    }  # fmt: skip
    assert "该身份证号码已经登记" in client.post("/accounts/register/", form).content.decode()
    assert client.post("/accounts/register/", form | {"code": code.lower()}).status_code == 302
    assert client.get(f"/my/cases/{case.uuid}/").status_code == 200
    assert Party.objects.get(pk=case.party_id).identity_level == 3
    assert code not in desk.get(f"/desk/intake/done/{case.uuid}/").content.decode()


@pytest.mark.parametrize("seen_by", ["the next day", "another officer"])
def test_the_code_is_shown_on_the_day_to_who_took_the_case_in(
    filled, desk, client, window_chief, time_machine, seen_by
):
    time_machine.move_to("2026-11-24 15:30:00+00:00")  # 23:30 in China
    desk.post(page_of(filled(), "check"), DONE)
    case = Application.objects.get()
    code = window.opening_code(case.party, timezone.now())
    assert code in desk.get(f"/desk/intake/done/{case.uuid}/").content.decode()
    if seen_by == "the next day":
        time_machine.move_to("2026-11-24 16:01:00+00:00")
    else:
        client.force_login(window_chief)
    page = desk.get(f"/desk/intake/done/{case.uuid}/").content.decode()
    assert code not in page and "请本人持证件再到窗口" in page


@pytest.mark.parametrize("wrong", ["", "AAAA-AAAA-AAAA", "other name", "used", "old", "unchecked"])
def test_nobody_takes_a_party_over_by_its_number(begin, wrong):
    party = begin(**(AGENT if wrong == "unchecked" else {})).party
    now = timezone.now()
    code = window.opening_code(party, now)
    name = NAME
    if wrong == "other name":
        name = "别的人"
    elif wrong == "used":
        register(code=code)
    elif wrong == "old":
        code = window.opening_code(party, now - dt.timedelta(days=61))
    elif wrong != "unchecked":
        code = wrong
    before = Party.objects.get(pk=party.pk).user_id
    with pytest.raises(Exception, match="已经登记"):
        register(name=name, code=code, username="somebody")
    assert Party.objects.get(pk=party.pk).user_id == before


def test_the_head_of_an_organisation_takes_it_up_with_the_code(begin, citizen):
    party = begin(kind="legal", name="示例研究院", number=USCC).party
    given = {"uscc": USCC, "name": "示例研究院", "phone": "19900000066", "actor": actor_of(citizen)}
    with pytest.raises(Exception, match="已经登记"):
        register_organisation(**given, now=timezone.now())
    code = window.opening_code(party, timezone.now())
    assert register_organisation(**given, now=timezone.now(), code=code) == party
    assert Mandate.objects.filter(user=citizen, party=party).exists()


# --- materials ------------------------------------------------------------------------------------------


def test_only_materials_of_the_guide_and_no_more_of_them_than_it_asks(begin, desk, guide):
    draft = begin()
    paper = next(m for m in guide.at_window if m.on_paper and not m.as_file)
    for sent, words in (
        ({"paper_surprise": "yes", "original_surprise": "1"}, "办事指南没有要求这份材料"),
        ({f"paper_{paper.key}": "yes", f"original_{paper.key}": "3"}, "只要求原件 1 份"),
        ({f"paper_{paper.key}": "yes", f"original_{paper.key}": "一份"}, "请填写收到"),
        ({"file_surprise": png()}, "办事指南没有要求这份材料"),
        ({f"file_{paper.key}": png()}, "办事指南没有要求这份材料"),
    ):
        answer = desk.post(page_of(draft, "materials"), {**sent, "action": "continue"})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not counter.sheets_of(draft)
    assert not draft.materials.exists()


def test_the_door_refuses_what_the_page_refuses(filled, desk, guide, clerk):
    draft = filled()
    sheets = dict(counter.sheets_of(draft))
    for key, held, words in (
        ("surprise", Copies(1, 0), "没有要求"),
        (next(iter(sheets)), Copies(0, 0), "份数"),
        (next(iter(sheets)), Copies(9, 0), "只要求"),
    ):
        counter.keep_sheets(draft, sheets | {key: held})
        with pytest.raises(filing.FilingRefused, match=words):
            filing.submit_draft(draft, actor=actor_of(clerk), now=timezone.now())


def test_what_is_neither_on_paper_nor_scanned_is_asked_for(begin, desk, guide):
    page = desk.post(page_of(begin(), "materials"), {"action": "continue"}).content.decode()
    assert all(f"请收取“{m.name}”" in page for m in guide.at_window if m.required)


def test_the_situation_trims_what_a_window_takes(filled, desk, version, guide, clerk):
    draft = filled()
    choice = {"key": "site", "question": text("有没有场所？"), "options": [
        {"value": "no", "label": text("没有")}, {"value": "yes", "label": text("有")},
    ]}  # fmt: skip
    materials = [dict(m) for m in guide.document["materials"]]
    materials[-1]["when"] = {"site": ["yes"]}
    spared, now = materials[-1]["key"], timezone.now()
    document = {**version.document, "situations": [choice], "materials": materials}
    publish(version.matter, document, starts_at=now, actor=TIMER, now=now)
    assert "您的情形" in desk.get(page_of(draft, "check"), follow=True).content.decode()
    where = page_of(draft, "your-situation")
    assert desk.post(where, {"site": "no", "action": "continue"}).url.startswith("/desk/intake/drafts/")
    page = desk.get(page_of(draft, "materials")).content.decode()
    assert f"paper_{materials[0]['key']}" in page
    assert f"paper_{spared}" not in page
    with pytest.raises(filing.FilingRefused, match="按您选择的情形"):
        filing.submit_draft(draft, actor=actor_of(clerk), now=timezone.now())
    kept = {f"paper_{m['key']}": "yes" for m in materials[:-1]}
    kept |= {f"original_{m['key']}": "1" for m in materials[:-1]}
    assert desk.post(page_of(draft, "materials"), kept | {"action": "continue"}).status_code == 302
    assert desk.post(page_of(draft, "check"), DONE | {"s-site": "no"}).status_code == 302
    case = Application.objects.get()
    assert case.situations == {"site": "no"}
    assert spared not in set(case.sheets.values_list("material_key", flat=True))


def test_paper_of_a_material_that_is_taken_as_a_file_only(version, guide):
    document = {**guide.document, "materials": [{**guide.document["materials"][1], "collect": ["2"]}]}
    other = GuideVersion(document=document).guide
    key = other.at_window[0].key
    assert "不收纸质材料" in counter.wrong_sheets(other, {key: Copies(1, 0)}, {})[key][0]


def test_a_file_that_is_too_large_is_refused_in_its_slot(begin, desk, guide, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    draft, key = begin(), next(m.key for m in guide.at_window if m.as_file)
    large = SimpleUploadedFile("a.png", png().read() + b"\0" * 2000)
    answer = desk.post(page_of(draft, "materials"), {f"file_{key}": large, "action": "continue"})
    assert answer.status_code == 422
    assert f'id="error-{key}"' in answer.content.decode()
    chosen = desk.post(f"/desk/intake/drafts/{draft.uuid}/slots/{key}/", {f"file_{key}": png()})
    assert chosen.status_code == 200


def test_electronic_papers_only_for_who_has_an_account(filled, desk, clerk):
    draft = filled()
    answer = desk.post(page_of(draft, "check"), DONE | {"delivery": "electronic"})
    assert answer.status_code == 422
    assert "还没有网上账户" in answer.content.decode()
    assert 'value="electronic"' not in answer.content.decode()
    with pytest.raises(filing.FilingRefused, match="还没有网上账户"):
        filing.submit_draft(draft, actor=actor_of(clerk), now=timezone.now(), wish=CONSENT)
    assert not Application.objects.exists()


def test_the_door_takes_no_file_of_what_is_taken_on_paper(filled, desk, guide, clerk):
    draft, paper = filled(), next(m for m in guide.at_window if not m.as_file)
    drafts.attach(draft, paper.key, png(), actor=actor_of(clerk), now=timezone.now())
    case = filing.submit_draft(draft, actor=actor_of(clerk), now=timezone.now())
    assert not case.materials.exists()
    assert case.sheets.filter(material_key=paper.key).exists()


# --- who may --------------------------------------------------------------------------------------------


def test_an_officer_does_not_take_in_her_own_business(desk, version, clerk, firm, begin, answers):
    Mandate.objects.create(user=clerk, party=firm, role="agent", valid_from=dt.date(2020, 1, 1))
    Party.objects.filter(pk=firm.pk).update(identity_level=3)
    assert "应当回避" in refused(desk, version, kind="legal", name=firm.name, number=firm.number)
    register(number=AGENT_NUMBER, name=AGENT_NAME, username="agent")
    Party.objects.filter(user__username="agent").update(user=clerk)
    assert "应当回避" in refused(desk, version, **AGENT)


def test_a_draft_that_turns_out_to_be_ones_own_is_closed_to_her(filled, desk, clerk):
    draft = filled()
    Party.objects.filter(pk=draft.party_id).update(user=clerk)
    assert desk.get(page_of(draft, "check")).status_code == 404
    with pytest.raises(filing.FilingRefused, match="回避"):
        filing.submit_draft(draft, actor=actor_of(clerk), now=timezone.now())


def test_drafts_belong_to_the_window(filled, client, officer_elsewhere, officer, citizen, desk):
    draft = filled(number=citizen.party.number, name=citizen.name, account="own")
    for user, path in ((officer_elsewhere, page_of(draft, "check")), (officer, page_of(draft, "check"))):
        client.force_login(user)
        assert client.get(path).status_code in (403, 404)
        assert client.get(f"/desk/intake/drafts/{draft.uuid}/discard/").status_code in (403, 404)
    client.force_login(citizen)
    assert client.get(f"/drafts/{draft.uuid}/check/").status_code == 404
    assert str(draft.uuid) not in client.get("/my/").content.decode()
    assert not Draft.objects.visible_to(actor_of(citizen)).exists()


def test_a_matter_of_another_agency(client, version, officer_elsewhere):
    client.force_login(officer_elsewhere)
    answer = client.get(f"/desk/intake/{version.matter.uuid}/")
    assert answer.status_code == 403
    assert "其他机关办理" in answer.content.decode()
    assert str(version.matter.uuid) not in client.get("/desk/intake/").content.decode()


def test_the_door_asks_for_the_role_at_that_agency(filled, officer_elsewhere, officer):
    draft = filled()
    for user in (officer_elsewhere, officer):
        with pytest.raises(filing.FilingRefused):
            filing.submit_draft(draft, actor=actor_of(user), now=timezone.now())
    assert not Application.objects.exists()


def test_nobody_files_a_draft_that_is_not_theirs(version, citizen, stranger, clerk):
    draft = drafts.start(version.matter, version, actor=actor_of(citizen), now=timezone.now())
    for user in (stranger, clerk):
        with pytest.raises(filing.FilingRefused, match="已删除"):
            filing.submit_draft(draft, actor=actor_of(user), now=timezone.now())
    assert Draft.objects.get() == draft


def test_a_suspended_matter_and_a_guide_that_is_not_for_windows(desk, version, filled, guide_of):  # noqa: F811
    draft = filled()
    elsewhere = guide_of("filing", handle_types=["2"])
    answer = desk.get(f"/desk/intake/{elsewhere.matter.uuid}/")
    assert "应当收件，请联系事项管理人员补充" in answer.content.decode()
    assert str(elsewhere.matter.uuid) not in desk.get("/desk/intake/").content.decode()
    version.matter.directory.state = "2"
    version.matter.directory.save()
    assert "不开放" in desk.get(f"/desk/intake/{version.matter.uuid}/").content.decode()
    answer = desk.post(page_of(draft, "check"), DONE)
    assert answer.status_code == 422
    assert "目前不开放申请" in answer.content.decode()
    assert drafts.read_answers(Draft.objects.get(pk=draft.pk))


def test_who_took_the_case_in_may_accept_it(filled, desk, clerk, step):
    desk.post(page_of(filled(), "check"), DONE)
    case = Application.objects.get()
    assert "受理" in desk.get("/desk/?mine=now").content.decode()
    assert case.number in desk.get("/desk/?mine=now").content.decode()
    assert step("accept", case, clerk, now=timezone.now()).state == "in_review"


def test_who_took_the_case_in_decides_nothing_in_it(filled, desk, agency, clerk, window_chief, officer, step):
    for role in (Role.OFFICER, Role.APPROVER):
        grant(clerk, role, agency, until=None, actor=TIMER, now=timezone.now())
    desk.post(page_of(filled(), "check"), DONE)
    case, now = Application.objects.get(), timezone.now()

    def names(user):
        return [each.name for each in available(Application.objects.get(), actor_of(user), now=now)]

    def waits(user):
        return Application.objects.filter(can_act(actor_of(user), now)).exists()

    assert names(clerk) == ["accept", "request_correction"]
    assert names(window_chief) == ["accept", "refuse_acceptance", "not_required", "request_correction"]
    with pytest.raises(StepRefused):
        step("refuse_acceptance", case, clerk, now=now, reasons="不符合", where_to_go="示例机关")
    assert "须由其他人员决定" in desk.get(f"/desk/intake/done/{case.uuid}/").content.decode()
    step("accept", case, clerk, now=now)
    assert "give_opinion" in names(clerk) and not {"grant", "refuse"} & set(names(clerk))
    step("give_opinion", case, officer, now=now, verdict="grant", reasons="材料齐全")
    with pytest.raises(StepRefused):
        step("grant", case, clerk, now=now)
    assert waits(clerk)
    AgencyGrant.objects.filter(user=clerk, permission__codename=Role.OFFICER).delete()
    assert all(STEPS[name].aside for name in names(clerk)) and not waits(clerk)


@pytest.mark.parametrize("channel", ["counter", "online"])
def test_on_the_spot_another_person_decides(file_under, guide_of, agency, clerk, channel):  # noqa: F811
    grant(clerk, Role.APPROVER, agency, until=None, actor=TIMER, now=timezone.now())
    case = file_under(guide_of("filing", instant=True), now=timezone.now())
    Application.objects.filter(pk=case.pk).update(channel=channel, filed_by=clerk)
    case.refresh_from_db()
    decided = may_take(actor_of(clerk), case, STEPS["grant_at_once"])
    assert decided == (channel == "online")  # there she is the applicant, and stands aside altogether


def test_an_agent_who_is_an_officer_keeps_away_from_the_case(filled, desk, step, window_chief):
    register(number=AGENT_NUMBER, name=AGENT_NAME, username="agent")
    Party.objects.filter(user__username="agent").update(user=window_chief)
    desk.post(page_of(filled(**AGENT), "check"), DONE)
    with pytest.raises(Exception, match="回避"):
        step("accept", Application.objects.get(), window_chief, now=timezone.now())


# --- what stays, what goes ------------------------------------------------------------------------------


def test_reading_and_writing_are_on_the_record(filled, desk, clerk):
    draft = filled()
    desk.get(page_of(draft, "check"))
    desk.post(page_of(draft, "check"), {})
    desk.get("/desk/intake/")
    for verb in ("draft.start", "read.draft", "draft.write", "read.drafts"):
        event = AuditEvent.objects.filter(verb=verb, actor_id=clerk.pk).latest("pk")
        assert verb == "read.drafts" or event.subject_id == draft.party_id
        assert NAME not in str(event.details)


def test_a_discarded_draft_takes_the_party_with_it(begin, desk, guide):
    draft = begin()
    key = next(m.key for m in guide.at_window if m.as_file)
    desk.post(page_of(draft, "materials"), {f"file_{key}": png(), "action": "exit"})
    desk.post(f"/desk/intake/drafts/{draft.uuid}/discard/")
    assert not Draft.objects.exists()
    assert not Upload.objects.exists()
    assert not Party.objects.with_number(NUMBER).exists()


def test_a_party_with_business_stays(filled, desk, begin):
    desk.post(page_of(filled(), "check"), DONE)
    begin()
    drafts.discard_expired(timezone.now() + Draft.LIFETIME)
    assert not Draft.objects.exists()
    assert Party.objects.with_number(NUMBER).exists()


def test_one_list_whatever_it_holds(begin, desk, django_assert_max_num_queries):
    begin()
    desk.get("/desk/intake/")
    with django_assert_max_num_queries(100) as few:
        desk.get("/desk/intake/")
    count = len(few)
    begin(name="别人", number=AGENT_NUMBER)
    begin(name="示例研究院", number=USCC, kind="legal")
    with django_assert_max_num_queries(count):
        desk.get("/desk/intake/")


# --- API ------------------------------------------------------------------------------------------------

API = "/api/v1/counter/drafts/"


def as_json(client, url, body):
    return client.post(url, body, content_type="application/json")


def test_over_the_api(desk, version, guide, answers):
    applicant = {**FORM, "seen": True, "matter": str(version.matter.uuid)}
    wrong = as_json(desk, API, applicant | {"number": "640199197001010006"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["number"])
    begun = as_json(desk, API, applicant)
    assert begun.status_code == 201, begun.content.decode()
    url = f"{API}{begun.json()['uuid']}/"
    scanned = next(m for m in guide.at_window if m.as_file)
    assert desk.post(f"{url}files/", {"material": scanned.key, "file": png()}).status_code == 201
    assert desk.post(f"{url}files/", {"material": "surprise", "file": png()}).status_code == 400
    papers = {m.key: {"original": 1} for m in guide.at_window if m != scanned}
    own = {f.key for f in guide.fields() if f.prefill in filing.OWN}
    body = {
        "answers": {key: value for key, value in answers.items() if key not in own},
        "papers": papers, "delivery": "window", "read_back": False,
    }  # fmt: skip
    assert as_json(desk, f"{url}submit/", body).json()["errors"].keys() == {"read_back"}
    body["read_back"] = True
    surprise = as_json(desk, f"{url}submit/", body | {"papers": papers | {"surprise": {"original": 1}}})
    assert (surprise.status_code, list(surprise.json()["errors"])) == (400, ["surprise"])
    filed = as_json(desk, f"{url}submit/", body)
    assert filed.status_code == 201, filed.content.decode()
    again = as_json(desk, f"{url}submit/", body)
    assert (again.status_code, again.json()["uuid"]) == (200, filed.json()["uuid"])
    case = Application.objects.get()
    assert (case.channel, case.intake.officer_name) == ("counter", "马晓云")
    assert PaperReceived.objects.count() == len(papers)


def test_what_the_api_leaves_out_stays_and_what_no_column_takes_is_said(filled, desk):
    draft = filled()
    noted, url = counter.sheets_of(draft), f"{API}{draft.uuid}/submit/"
    body = {"answers": {}, "delivery": "window", "read_back": True}
    for wrong in ({"situations": {"a\0b": "yes"}}, {"situations": {"site": "\0"}}, {"papers": {"\0": {}}}):
        answer = as_json(desk, url, body | wrong)
        assert (answer.status_code, "无法识别的字符" in answer.content.decode()) == (400, True)
    assert noted and counter.sheets_of(Draft.objects.get()) == noted
    assert as_json(desk, url, body).status_code == 201
    assert set(Application.objects.get().sheets.values_list("material_key", flat=True)) == set(noted)


def test_over_the_api_only_at_ones_own_window(client, version, officer_elsewhere, citizen, begin):
    draft = begin()
    applicant = {**FORM, "seen": True, "matter": str(version.matter.uuid)}
    client.force_login(officer_elsewhere)
    assert as_json(client, API, applicant).status_code == 403
    assert client.delete(f"{API}{draft.uuid}/").status_code == 404
    client.force_login(citizen)
    assert as_json(client, API, applicant).status_code == 403
    assert Draft.objects.get() == draft


def test_a_discarded_draft_over_the_api(begin, desk):
    draft = begin()
    assert desk.delete(f"{API}{draft.uuid}/").status_code == 204
    assert not Draft.objects.exists()
