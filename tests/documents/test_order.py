"""Ordering a paper: numbers, payload, who sees it."""

import pytest

from support.documents import actions
from support.documents.kinds import KINDS
from support.documents.models import Document
from support.records.actor import TIMER, VISITOR
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.documents.conftest import LICENCE, NOW


def test_ordered_and_waiting(order, agency, citizen):
    document = order("grant")
    assert (document.state, document.next_at, document.sha256) == ("ordered", NOW, "")
    assert document.title == "准予行政许可决定书"
    assert document.case_number == LICENCE["case_number"]
    event = AuditEvent.objects.get(verb="document.order")
    assert (event.subject_id, event.agency_id, event.details["kind"]) == (
        citizen.party.pk,
        agency.pk,
        "grant",
    )


def test_what_it_says_is_sealed(order):
    document = Document.objects.get(pk=order(applicant="张小兰").pk)
    assert "张小兰".encode() not in bytes(document.payload_sealed)
    assert document.payload["applicant"] == "张小兰"


def test_the_same_key_is_the_same_paper(order):
    assert order(key="once").pk == order(key="once", applicant="别人").pk
    assert Document.objects.count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_that_would_lack_something_is_not_ordered(order, agency, kind):
    for name in KINDS[kind].needs:
        with pytest.raises(ValueError, match=name):
            actions.order(
                kind, key=f"{kind}{name}", agency=agency, party_id=None,
                payload={**dict.fromkeys(KINDS[kind].needs, "2026-01-01"), name: ""}, number="1", actor=TIMER, now=NOW,
            )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "licence", "other"),
    [
        ("grant", "准予行政许可决定书", "准予办理决定书"),
        ("refusal", "不予行政许可决定书", "不予办理决定书"),
        ("acceptance", "受理通知书", "受理通知书"),
        ("not_accepted", "不予受理决定书", "不予受理决定书"),
    ],
)
def test_only_licences_are_called_so(order, kind, licence, other):
    assert order(kind, key="a").title == licence
    assert order(kind, key="b", regime="other").title == other


def test_numbers_run_per_agency_kind_and_year(agency, agency_elsewhere):
    def number(kind="acceptance", at=agency, year=2026):
        return actions.next_document_number(at, kind, year)

    assert number() == f"{agency.short_name}受字〔2026〕第1号"
    assert number("deemed_acceptance") == f"{agency.short_name}受字〔2026〕第2号"
    assert number("refusal") == f"{agency.short_name}不准字〔2026〕第1号"
    assert number(year=2027) == f"{agency.short_name}受字〔2027〕第1号"
    assert number(at=agency_elsewhere) == f"{agency_elsewhere.short_name}受字〔2026〕第1号"


def test_codes_differ_and_can_be_typed(order):
    codes = {order(key=str(n)).code for n in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 16 and not set(code) & set("01ILO") for code in codes)


def test_who_sees_it(order, cast, firm):
    document = order()
    seen_by = {
        name
        for name, user in cast.items()
        if Document.objects.visible_to(actor_of(user)).filter(pk=document.pk).exists()
    }
    assert seen_by == {"citizen", "clerk", "window_chief", "officer", "approver", "agency_head", "supervisor"}
    assert not Document.objects.visible_to(VISITOR).exists()
    assert not Document.objects.visible_to(TIMER).exists()


def test_a_paper_to_nobody_is_not_everybodys(order, cast, citizen):
    """No party on the paper and no party behind the actor are not the same party."""
    order(key="nobody", party=None)
    clerk_without_party = actor_of(cast["clerk"], "citizen")
    assert clerk_without_party.party_id is None
    assert not Document.objects.visible_to(clerk_without_party).exists()
    assert not Document.objects.visible_to(actor_of(citizen)).exists()


def test_each_hat_sees_its_own(order, firm_agent, firm):
    mine, ours = order(key="a", party=firm_agent.party), order(key="b", party=firm)
    assert list(Document.objects.visible_to(actor_of(firm_agent))) == [mine]
    assert list(Document.objects.visible_to(actor_of(firm_agent, f"company:{firm.uuid}"))) == [ours]
