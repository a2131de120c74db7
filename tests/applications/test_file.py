"""Filing: exactly one case, checked against the guide, counted from the day of receipt."""

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from applications import drafts, filing
from applications.models import Application, ClockEntry, Draft
from support.documents.models import Document, Upload
from support.notices.models import Notice
from support.records.models import AuditEvent, Series
from tests.applications.conftest import MONDAY, at, png, sample_answers
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db


def last_day(moment):
    return (timezone.localtime(moment) - timezone.timedelta(days=1)).date().isoformat()


def test_a_filing_becomes_a_received_case_with_its_acceptance_term(received, version):
    assert received.state == "received"
    assert received.received_at == MONDAY
    assert (
        last_day(received.acceptance_due_at) == "2026-11-30"
    )  # five working days, the day itself not counted
    assert received.guide == version
    assert received.number.startswith(version.matter.task_code + "20261123")
    entry = received.ledger.get()
    assert (entry.clock, entry.kind, entry.amount, entry.unit) == ("acceptance", "start", 5, "workday")
    assert entry.basis


def test_receipt_on_a_saturday_counts_from_the_next_day(file_case):
    case = file_case(now=at("2026-11-21", 23))
    assert last_day(case.acceptance_due_at) == "2026-11-27"


def test_the_acceptance_term_runs_across_the_national_day_holidays(file_case):
    case = file_case(now=at("2026-09-29"))
    assert last_day(case.acceptance_due_at) == "2026-10-12"  # 09-30, 10-08, 09, 10 (调休), 12


def test_the_applicant_and_the_window_are_told_and_a_receipt_is_ordered(
    received, citizen, clerk, officer_elsewhere
):
    assert Document.objects.filter(kind="receipt", party=citizen.party).count() == 1
    assert Notice.objects.filter(user=citizen, kind="case_received").count() == 1
    assert Notice.objects.filter(user=clerk, kind="new_case_officer").count() == 1
    assert not Notice.objects.filter(user=officer_elsewhere).exists()
    assert AuditEvent.objects.filter(verb="case.file", subject_id=citizen.party.pk).count() == 1


def test_the_same_key_gives_the_same_case(file_case):
    first, second = file_case(key="same-key"), file_case(key="same-key")
    assert first.pk == second.pk
    assert Application.objects.count() == 1


def test_the_same_key_of_another_party_is_no_door(file_case, stranger):
    file_case(key="same-key")
    with pytest.raises(filing.FilingRefused):
        file_case(user=stranger, key="same-key")


def test_a_missing_material_is_named(version, answers, uploads_for, citizen):
    uploads = uploads_for(citizen)
    key, _pages = uploads.popitem()
    with pytest.raises(filing.FilingRefused) as refusal:
        filing.submit(version.matter, answers, uploads, key="k" * 8, actor=actor_of(citizen), now=MONDAY)
    assert list(refusal.value.errors) == [key]
    assert not Application.objects.exists()


def test_a_material_outside_the_guide_is_refused(version, answers, uploads_for, citizen):
    uploads = uploads_for(citizen)
    uploads["surprise"] = next(iter(uploads.values()))
    with pytest.raises(filing.FilingRefused) as refusal:
        filing.submit(version.matter, answers, uploads, key="k" * 8, actor=actor_of(citizen), now=MONDAY)
    assert "surprise" in refusal.value.errors


def test_an_unknown_or_wrong_answer_is_refused(version, answers, uploads_for, citizen, guide):
    phone = next(f.key for f in guide.fields() if f.type == "phone")
    wrong = {**answers, phone: "12", "no_such_field": "x"}
    with pytest.raises(filing.FilingRefused) as refusal:
        filing.submit(
            version.matter, wrong, uploads_for(citizen), key="k" * 8, actor=actor_of(citizen), now=MONDAY
        )
    assert {phone, "no_such_field"} <= set(refusal.value.errors)


def test_sensitive_answers_are_stored_sealed(received, guide):
    assert guide.sensitive_keys
    assert not guide.sensitive_keys & set(received.answers)
    secret = received.sealed_text
    assert all(key in secret for key in guide.sensitive_keys & set(sample_answers(guide)))
    assert secret.encode() not in bytes(received.answers_sealed)


def test_numbers_of_a_day_go_past_9999_and_are_never_reused(version):
    Series.objects.create(name=f"case:{version.matter.task_code}:20261123", last=9998)
    given = [filing.next_case_number(version.matter.task_code, MONDAY.date()) for _ in range(3)]
    assert [number[-5:] for number in given] == ["39999", "10000", "10001"]
    assert len(set(given)) == 3


def test_a_closed_matter_takes_no_filing(version, answers, uploads_for, citizen):
    before = at("2019-01-02")
    with pytest.raises(filing.FilingRefused):
        filing.submit(
            version.matter, answers, uploads_for(citizen), key="k" * 8, actor=actor_of(citizen), now=before
        )


@pytest.fixture
def draft(version, citizen, guide, settings, tmp_path, answers):
    settings.MEDIA_ROOT = tmp_path / "files"
    actor = actor_of(citizen)
    draft = drafts.start(version.matter, version, actor=actor, now=MONDAY)
    drafts.write_answers(draft, answers, now=MONDAY)

    for material in guide.uploads:
        drafts.attach(draft, material.key, png(), actor=actor, now=MONDAY)
    return draft


def test_a_draft_submitted_twice_is_one_case(draft, citizen):
    first = filing.submit_draft(draft, actor=actor_of(citizen), now=MONDAY)
    again = filing.submit_draft(draft, actor=actor_of(citizen), now=MONDAY)
    assert first.pk == again.pk
    assert not Draft.objects.exists()
    assert ClockEntry.objects.filter(case=first).count() == 1


def test_a_draft_begins_with_what_the_profile_knows(version, citizen, guide):
    draft = drafts.start(version.matter, version, actor=actor_of(citizen), now=MONDAY)
    known = drafts.read_answers(draft)
    named = next(f.key for f in guide.fields() if f.prefill == "party.name")
    assert known[named] == citizen.party.name


def test_one_draft_per_matter_and_party(version, citizen):
    actor = actor_of(citizen)
    first = drafts.start(version.matter, version, actor=actor, now=MONDAY)
    assert drafts.start(version.matter, version, actor=actor, now=MONDAY).pk == first.pk


def test_expired_drafts_are_really_deleted(draft):
    assert drafts.discard_expired(MONDAY + timezone.timedelta(days=29)) == 0
    drafts.discard_expired(MONDAY + timezone.timedelta(days=30))
    assert not Draft.objects.exists()


def test_who_applies_is_who_is_logged_in(version, answers, uploads_for, citizen, guide):
    name = next(f.key for f in guide.fields() if f.prefill == "party.name")
    with pytest.raises(filing.FilingRefused) as refusal:
        filing.submit(
            version.matter, {**answers, name: "别人"}, uploads_for(citizen), key="k" * 8,
            actor=actor_of(citizen), now=MONDAY,
        )  # fmt: skip
    assert list(refusal.value.errors) == [name]


def test_a_suspended_matter_takes_no_filing(version, answers, uploads_for, citizen):
    version.matter.directory.state = "2"
    version.matter.directory.save()
    with pytest.raises(filing.FilingRefused):
        filing.submit(
            version.matter, answers, uploads_for(citizen), key="k" * 8, actor=actor_of(citizen), now=MONDAY
        )


def test_the_receipt_says_by_when_a_decision_is_expected(received):
    paper = Document.objects.get(kind="receipt").payload
    assert paper["acceptance_due_on"] == "2026-11-30"
    assert paper["promised_due_on"] == "2026-12-14"
    assert paper["provisional"] is True  # no regional notice for 2026


def test_a_discarded_draft_leaves_no_file_behind(draft, django_capture_on_commit_callbacks):
    paths = [item.upload.path for item in draft.materials.select_related("upload")]
    assert paths and all(default_storage.exists(path) for path in paths)
    with django_capture_on_commit_callbacks(execute=True):
        drafts.discard(draft)
    assert not Upload.objects.exists()
    assert not any(default_storage.exists(path) for path in paths)


def test_uploads_that_nothing_names_are_discarded_after_thirty_days(received, uploads_for, citizen):
    kept = received.materials.count()
    uploads_for(citizen)  # handed in through the API, never filed
    drafts.discard_expired(MONDAY + timezone.timedelta(days=30))
    assert Upload.objects.count() == kept


def test_the_same_file_twice_is_refused(version, answers, uploads_for, citizen):
    uploads = uploads_for(citizen)
    key = next(iter(uploads))
    uploads[key] = uploads[key] * 2
    with pytest.raises(filing.FilingRefused):
        filing.submit(version.matter, answers, uploads, key="k" * 8, actor=actor_of(citizen), now=MONDAY)


def test_a_draft_discarded_in_another_tab_is_told(draft, citizen):
    drafts.discard(draft)
    with pytest.raises(filing.FilingRefused):
        filing.submit_draft(draft, actor=actor_of(citizen), now=MONDAY)


def test_the_longest_key_is_no_error(file_case):
    assert len(file_case(key="k" * 100).number) <= 50
