"""Reserving in the deciding transaction, and becoming valid when the worker has signed."""

import datetime as dt
import json

import pytest
from django.db import IntegrityError, transaction
from stdnum.iso7064 import mod_37_36

from certificates import actions
from certificates.models import Certificate, CertificateType
from support.documents import actions as documents
from support.documents.models import Document
from support.notices.models import Notice
from support.records.models import AuditEvent
from tests.certificates.conftest import TODAY, TYPE
from tests.documents.conftest import NOW


def test_reserved_is_not_yet_valid(reserve, agency, citizen):
    certificate = reserve()
    assert certificate.state == Certificate.State.ISSUING
    assert not certificate.is_valid_on(TODAY)
    assert certificate.document.state == "ordered"
    assert certificate.code == certificate.document.code
    assert (certificate.holder, certificate.agency, certificate.version) == (citizen.party, agency, 1)
    assert certificate.region_code == agency.region_id
    event = AuditEvent.objects.get(verb="certificate.reserve")
    assert (event.subject_id, event.agency_id) == (citizen.party.pk, agency.pk)


def test_numbered(reserve, agency, firm):
    first, second = reserve("a"), reserve("b", party=firm)
    assert first.number == "JY640104" + "20260000001"
    assert second.number == "JY640104" + "20260000002"
    serial = "20260000001"
    assert first.identifier.startswith(f"1.2.156.3005.2.{TYPE}.{agency.uscc}.{serial}.001.")


def test_the_identifier_of_the_standard():
    assert actions.identifier("11100000000013338W011", "11430000006122244L", "20230000403", 1) == (
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
    )


def test_the_check_character_is_right(reserve):
    segments = reserve().identifier.removeprefix("1.2.156.3005.2.").split(".")
    assert mod_37_36.is_valid("".join(segments))


def test_once_per_case(reserve):
    assert reserve("same") == reserve("same")
    assert Certificate.objects.count() == Document.objects.count() == 1


def test_the_database_keeps_it_to_one(reserve):
    """Even if two decisions passed the look-up at once."""
    reserve("a")
    second = reserve("b")
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=second.pk).update(case_number="a")


def test_nothing_stays_of_a_decision_that_fails(reserve):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        reserve()
        raise ZeroDivisionError
    assert not Certificate.objects.exists()
    assert not Document.objects.exists()
    assert reserve().number.endswith("0000001")


def test_valid_once_signed(reserve, citizen):
    certificate = reserve()
    documents.drain(NOW)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.VALID
    assert certificate.is_valid_on(TODAY)
    notice = Notice.objects.get(kind="certificate_ready")
    assert notice.user == citizen
    assert notice.url.endswith(f"/{certificate.uuid}/")
    assert (notice.agency, notice.case_number) == (certificate.agency, certificate.case_number)


def test_readiness_makes_only_an_issuing_one_valid(reserve):
    """Revoked while the PDF was being made: signing does not bring it back."""
    certificate = reserve()
    Certificate.objects.update(state=Certificate.State.WITHDRAWN)
    documents.drain(NOW)
    certificate.refresh_from_db()
    assert certificate.document.is_ready
    assert certificate.state == Certificate.State.WITHDRAWN
    assert not Notice.objects.exists()


def test_if_it_cannot_become_valid_the_paper_is_not_ready(reserve, monkeypatch):
    certificate = reserve()
    monkeypatch.setattr(actions.notices, "tell_party", lambda *_args, **_kwargs: 1 / 0)
    documents.drain(NOW)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.ISSUING
    assert certificate.document.state == "ordered"


def test_a_new_version_follows_the_old(issue):
    old = issue("a")
    new = issue("b", previous=old)
    assert (new.version, new.previous, new.number) == (2, old, old.number)
    assert ".002." in new.identifier


def test_an_unknown_type_is_refused(agency, citizen, approver):
    from tests.conftest import actor_of

    with pytest.raises(CertificateType.DoesNotExist):
        actions.reserve(
            "x" * 21, case_number="1", matter_code="1", agency=agency, party_id=citizen.party.pk,
            fields={}, decided_at=NOW, actor=actor_of(approver),
        )  # fmt: skip


def test_what_it_prints(reserve, citizen, firm):
    payload = reserve("a").document.payload
    assert payload["holder"] == "张小兰"
    assert payload["holder_label"] == "经营者名称"
    assert payload["fields"] == [["经营场所", "银川市兴庆区示例路100号"], ["经营项目", "热食类食品制售"]]
    assert payload["holder_code"] == citizen.party.number[0] + "*" * 16 + citizen.party.number[-1]
    payload = reserve("b", party=firm).document.payload
    assert payload["holder_code"] == firm.number
    assert payload["holder_code_label"] == "统一社会信用代码"


def test_particulars_are_sealed_and_keep_their_words(reserve):
    certificate = reserve()
    assert "示例路".encode() not in bytes(certificate.fields_sealed)
    actions.define_type(TYPE, name="新名称", months=12, labels={"premises": "新词"})
    certificate.refresh_from_db()
    assert ("经营场所", "银川市兴庆区示例路100号") in certificate.fields
    assert "示例路" not in json.dumps([str(e.details) for e in AuditEvent.objects.all()])


# --- time ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        ("2026-11-23", 60, "2031-11-22"),
        ("2026-01-01", 12, "2026-12-31"),
        ("2026-12-01", 1, "2026-12-31"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-03-31", 12, "2027-03-30"),
        ("2026-11-23", None, None),
    ],
)
def test_last_day(first, months, last):
    found = actions.last_day(dt.date.fromisoformat(first), months)
    assert found == (dt.date.fromisoformat(last) if last else None)


def test_expiry_is_read_from_the_clock(certificate):
    """No job has to run: the day after the last day it reads as expired."""
    last = certificate.valid_until
    assert last == dt.date(2031, 11, 22)
    assert certificate.state_at(last) is Certificate.State.VALID
    assert certificate.state_at(last + dt.timedelta(days=1)) is Certificate.State.EXPIRED
    assert certificate.is_valid_on(last)
    assert not certificate.is_valid_on(last + dt.timedelta(days=1))
    assert not certificate.is_valid_on(certificate.valid_from - dt.timedelta(days=1))


def test_revoked_stays_revoked_after_its_end(certificate):
    certificate.state = Certificate.State.REVOKED
    assert certificate.state_at(dt.date(2040, 1, 1)) is Certificate.State.REVOKED
