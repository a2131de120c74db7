import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from certificates.models import CertificateType
from matters.actions import GuideRefused, publish
from matters.models import GuideVersion, SearchEntry
from support.records.actor import TIMER
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.matters.conftest import NOW

DAY = dt.timedelta(days=1)


def test_a_guide_is_published_by_the_reviewer_and_recorded(matter, small, reviewer):
    version = publish(matter, small, starts_at=NOW, actor=actor_of(reviewer), now=NOW)
    assert (version.version, version.published_by) == (1, reviewer.name)
    assert matter.versions.in_force(NOW).get() == version
    event = AuditEvent.objects.get(verb="matters.publish")
    assert event.target == f"matters.guideversion:{version.uuid}"
    assert (event.actor_id, event.agency_id) == (reviewer.pk, matter.agency_id)


@pytest.mark.parametrize("who", ["citizen", "editor", "officer_elsewhere", "approver"])
def test_nobody_else_publishes(matter, small, cast, who):
    with pytest.raises(PermissionDenied):
        publish(matter, small, starts_at=NOW, actor=actor_of(cast[who]), now=NOW)
    assert not GuideVersion.objects.exists()


def test_a_reviewer_of_another_agency_does_not_publish(new_matter, agency_elsewhere, small, reviewer):
    matter = new_matter(agency=agency_elsewhere)
    with pytest.raises(PermissionDenied):
        publish(matter, small, starts_at=NOW, actor=actor_of(reviewer), now=NOW)


def test_the_next_version_takes_over_at_its_instant_without_any_job(matter, small):
    first = publish(matter, small, starts_at=NOW, actor=TIMER, now=NOW)
    second = publish(matter, small, starts_at=NOW + 7 * DAY, actor=TIMER, now=NOW + DAY)
    turn = NOW + 7 * DAY
    assert matter.versions.in_force(turn - dt.timedelta(microseconds=1)).get() == first
    assert matter.versions.in_force(turn).get() == second
    assert second.version == 2


def test_a_version_may_not_begin_in_the_past_except_the_first(matter, small):
    publish(matter, small, starts_at=NOW - 100 * DAY, actor=TIMER, now=NOW)
    with pytest.raises(GuideRefused, match="不能早于现在"):
        publish(matter, small, starts_at=NOW - DAY, actor=TIMER, now=NOW)


def test_a_version_may_not_begin_before_one_already_planned(matter, small):
    publish(matter, small, starts_at=NOW + 30 * DAY, actor=TIMER, now=NOW)
    with pytest.raises(GuideRefused, match="第 1 版尚未生效"):
        publish(matter, small, starts_at=NOW + 20 * DAY, actor=TIMER, now=NOW)


def test_the_document_inherits_what_directory_and_list_say(matter, small):
    version = publish(matter, small, starts_at=NOW, actor=TIMER, now=NOW)
    identity = version.document["identity"]
    assert identity["task_code"] == matter.task_code
    assert identity["catalog_code"] == matter.directory.catalog_code
    assert identity["agency"]["uscc"] == matter.agency.uscc
    assert version.guide.regime == "other"


def test_a_forged_identity_in_the_document_is_overwritten(matter, small):
    small["identity"] = {"task_code": "x"}
    version = publish(matter, small, starts_at=NOW, actor=TIMER, now=NOW)
    assert version.document["identity"]["task_code"] == matter.task_code


def test_the_traditional_wording_is_converted_unless_given(matter, small):
    small["conditions"] = [{"zh-hans": "向行政复议机关说明。"}, {"zh-hans": "准营", "zh-hant": "自定"}]
    small["places"] = [{"name": "兴庆区政务服务中心", "address": "兴庆区", "hours": {"zh-hans": "周一"}}]
    document = publish(matter, small, starts_at=NOW, actor=TIMER, now=NOW).document
    assert document["conditions"][0]["zh-hant"] == "向行政復議機關說明。"
    assert document["conditions"][1]["zh-hant"] == "自定"
    assert document["places"][0]["address"] == "兴庆区"  # an address is never converted


def test_a_licence_has_five_days_for_acceptance_unless_it_promises_fewer(new_matter, food):
    assert str(food.guide.acceptance) == "5 个工作日"
    document = dict(food.document)
    document["terms"] = {name: term for name, term in document["terms"].items() if name != "acceptance"}
    matter = new_matter(2, task_type="01", regime="licence")
    version = publish(matter, document, starts_at=NOW, actor=TIMER, now=NOW)
    assert version.document["terms"]["acceptance"]["amount"] == 5
    assert "第三十二条" in version.guide.term_basis("acceptance")


@pytest.mark.parametrize(
    "change",
    [
        {"document": {}},
        {"version": 9},
        {"published_by": "别人"},
        {"validity": DateTimeTZRange(NOW - DAY, None)},
        {"validity": DateTimeTZRange(NOW, NOW)},
    ],
)
def test_a_published_version_cannot_be_changed(put_in_force, change):
    version = put_in_force()
    with pytest.raises(IntegrityError, match="can be set or brought forward"), transaction.atomic():
        GuideVersion.objects.filter(pk=version.pk).update(**change)


def test_it_cannot_be_moved_to_another_matter(put_in_force, new_matter):
    version, other = put_in_force(), new_matter(2)
    with pytest.raises(IntegrityError, match="can be set or brought forward"), transaction.atomic():
        GuideVersion.objects.filter(pk=version.pk).update(matter=other)


def test_its_end_can_be_set_once(put_in_force):
    version = put_in_force()
    rows = GuideVersion.objects.filter(pk=version.pk)
    rows.update(validity=DateTimeTZRange(version.validity.lower, NOW))
    for later in (NOW + DAY, None):
        with pytest.raises(IntegrityError, match="can be set or brought forward"), transaction.atomic():
            rows.update(validity=DateTimeTZRange(version.validity.lower, later))


def test_it_cannot_be_deleted(put_in_force):
    put_in_force()
    refused = pytest.raises(IntegrityError, match="cannot be deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM matters_searchentry; DELETE FROM matters_guideversion")


def test_two_versions_can_never_be_in_force_at_once(put_in_force):
    version = put_in_force()
    with pytest.raises(IntegrityError, match="one_guide_in_force"), transaction.atomic():
        GuideVersion.objects.create(
            matter=version.matter,
            version=2,
            document=version.document,
            validity=DateTimeTZRange(NOW, NOW + DAY),
            published_at=NOW,
            published_by="",
        )


def test_search_rows_of_ended_versions_are_removed_at_the_next_publishing(matter, small):
    for day in range(3):
        moment = NOW + day * DAY
        publish(matter, small, starts_at=moment, actor=TIMER, now=moment)
    assert list(SearchEntry.objects.values_list("guide__version", flat=True)) == [3]


def test_a_planned_version_leaves_the_search_row_of_the_present_one(matter, small):
    publish(matter, small, starts_at=NOW, actor=TIMER, now=NOW)
    publish(matter, small, starts_at=NOW + DAY, actor=TIMER, now=NOW)
    assert SearchEntry.objects.in_force(NOW).get().guide.version == 1
    assert SearchEntry.objects.in_force(NOW + DAY).get().guide.version == 2


def test_the_type_of_the_certificate_becomes_known_to_who_issues_it(food):
    kind = CertificateType.objects.get()
    assert (kind.code, kind.name, kind.months) == ("11640000YYYY00012M001", "食品经营许可证", 60)
    assert kind.labels["business_kind"] == "主体业态"


def test_a_matter_without_certificate_defines_none(put_in_force):
    put_in_force()
    assert not CertificateType.objects.exists()
