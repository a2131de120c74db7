"""What a change of the directory means for running cases: nothing, relief, or a list of cases to be ended by hand."""

import copy
import datetime as dt

import pytest
from django.urls import reverse

from applications import effects, filing
from applications.models import Draft
from matters.actions import publish
from matters.changes import actions as changes
from matters.models import DirectoryChange, DirectoryEntry
from support.notices.models import Notice
from support.records.actor import TIMER
from tests.applications.conftest import MONDAY
from tests.conftest import actor_of

HOUR = dt.timedelta(hours=1)
LATER = MONDAY + 4 * HOUR
NOTE = "不再收取设备布局图，承诺时限由 10 个工作日缩短为 5 个工作日。"


@pytest.fixture
def food(received):
    return received.matter.directory


def facts(entry):
    names = ("name", "task_type", "by_law", "use_level", "department", "catalog_code", "local_catalog_code")
    return {name: getattr(entry, name) for name in names}


def lighter(version):
    """The guide with one material less and a shorter promise, but one material and a longer term more."""
    document = copy.deepcopy({k: v for k, v in version.document.items() if k != "identity"})
    spared = next(m for m in document["materials"] if m["necessity"] == "1")
    document["materials"].remove(spared)
    document["materials"].append({**spared, "key": "another", "name": {"zh-hans": "另一份材料"}})
    document["terms"]["promised"]["amount"] = 5
    return document, spared["name"]["zh-hans"]


def test_to_keep_is_the_rule(propose, decide, received, food):
    decide(propose("suspend", food, starts_at=MONDAY + HOUR))
    before = received.guide_id
    assert effects.tell(LATER) == 0 and effects.relief(received, LATER) is None
    received.refresh_from_db()
    assert (received.guide_id, received.closed_at) == (before, None)


def test_relief_is_told_once_and_shows_less_never_more(
    propose,
    decide,
    received,
    food,
    citizen,
    client,
    time_machine_at,
):
    start = MONDAY + HOUR
    decide(
        propose("change", food, proposed=[facts(food)], effect="relieve", effect_note=NOTE, starts_at=start)
    )
    assert effects.tell(MONDAY - HOUR) == 0
    assert effects.tell(LATER) == 1 and effects.tell(LATER) == 0
    told = Notice.objects.filter(kind="case_relieved")
    assert [n.user_id for n in told] == [citizen.pk]
    relief = effects.relief(received, LATER)
    assert (relief.materials, relief.terms) == ((), ())  # the new guide is not there yet: only the words
    document, spared = lighter(received.guide)
    matter = received.matter
    publish(matter, document, starts_at=LATER, actor=TIMER, now=MONDAY + HOUR)
    relief = effects.relief(received, LATER)
    assert relief.materials == (spared,)
    assert [name for name, _was, _is in relief.terms] == ["承诺办结时限"]
    client.force_login(citizen)
    with time_machine_at(LATER):
        page = client.get(reverse("applications:case", args=[received.uuid])).content.decode()
    assert "按新规定不再需要" in page and spared in page and NOTE in page
    assert "另一份材料" not in page


@pytest.fixture
def time_machine_at():
    import time_machine

    return lambda moment: time_machine.travel(moment, tick=False)


def test_a_case_filed_afterwards_is_relieved_of_nothing(
    propose,
    decide,
    version,
    file_case,
    market,
):
    entry = version.matter.directory
    decide(propose("change", entry, proposed=[facts(entry)], effect="relieve", effect_note=NOTE))
    case = file_case(now=LATER)
    assert effects.relief(case, LATER + HOUR) is None
    effects.tell(LATER + HOUR)
    assert not Notice.objects.filter(kind="case_relieved").exists()


def test_repeal_ends_nothing_but_lists_what_an_approver_must_decide(
    propose,
    decide,
    received,
    food,
    cast,
    client,
    time_machine_at,
):
    decide(propose("cancel", food, effect="end", effect_note="《示例法》已废止", starts_at=MONDAY + HOUR))
    effects.tell(LATER)
    approver = cast["approver"]
    assert Notice.objects.get(kind="cases_to_end", user=approver).url == reverse("applications:repealed")
    received.refresh_from_db()
    assert received.closed_at is None and received.state == "received"
    assert list(effects.to_be_ended(actor_of(approver), LATER)) == [received]
    assert not effects.to_be_ended(actor_of(cast["officer_elsewhere"]), LATER).exists()
    client.force_login(approver)
    with time_machine_at(LATER):
        assert received.number in client.get(reverse("applications:repealed")).content.decode()


def test_filing_follows_in_the_same_second(
    propose,
    decide,
    version,
    answers,
    uploads_for,
    citizen,
):
    decide(propose("cancel", version.matter.directory, starts_at=LATER))
    actor = actor_of(citizen)

    def file(key, now):
        return filing.submit(
            version.matter, answers, uploads_for(citizen, now), key=key * 8, actor=actor, now=now
        )

    assert file("a", LATER - dt.timedelta(microseconds=1)).number
    with pytest.raises(filing.FilingRefused, match="不开放申请"):
        file("b", LATER)


def test_drafts_of_a_suspended_matter_do_not_run_out(
    propose,
    decide,
    version,
    citizen,
):
    from applications import drafts

    draft = drafts.start(version.matter, version, actor=actor_of(citizen), now=MONDAY)
    decide(propose("suspend", version.matter.directory))
    last = draft.expires_at
    assert drafts.discard_expired(last - HOUR) == 0
    assert drafts.discard_expired(last + HOUR) == 0
    draft.refresh_from_db()
    assert draft.expires_at == last - HOUR + Draft.LIFETIME
    DirectoryEntry.objects.update(state="1", changes_at=None)
    assert drafts.discard_expired(draft.expires_at) == 1


def test_a_change_under_review_has_no_effect(propose, submit, received, food):
    submit(propose("cancel", food, effect="end", effect_note="《示例法》已废止"))
    assert effects.tell(LATER) == 0
    assert not DirectoryChange.objects.filter(in_force_from__isnull=False).exists()
    assert DirectoryChange.objects.get().state == changes.State.REVIEW
