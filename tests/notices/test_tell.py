import datetime as dt

import pytest
from django.db import connection, transaction
from django.utils import translation

from support.accounts.models import Mandate, User
from support.notices.kinds import KINDS, fill
from support.notices.models import Delivery, Notice
from support.places.models import Role
from tests.notices.conftest import CONTEXT, NOW

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def told() -> set[str]:
    return set(Notice.objects.values_list("user__username", flat=True))


# --- a party


def test_person_is_told_in_the_site_and_by_mail(citizen, tell):
    tell(citizen.party)
    notice = Notice.objects.get()
    assert (notice.user, notice.party, notice.agency) == (citizen, citizen.party, None)
    assert notice.title == "您的申请已受理：食品经营许可（新办）"
    assert "NX1" in notice.body
    delivery = Delivery.objects.get()
    assert (delivery.notice, delivery.next_at, delivery.address) == (notice, NOW, citizen.email)


def test_told_once_however_often_it_is_said(citizen, tell):
    tell(citizen.party)
    tell(citizen.party, now=NOW + dt.timedelta(hours=1))
    assert Notice.objects.count() == Delivery.objects.count() == 1
    tell(citizen.party, key="another")
    assert Notice.objects.count() == Delivery.objects.count() == 2


def test_without_address_only_in_the_site(citizen, tell):
    User.objects.filter(pk=citizen.pk).update(email="")
    tell(citizen.party)
    assert Notice.objects.count() == 1
    assert not Delivery.objects.exists()


def test_organisation_tells_those_who_may_act_for_it_today(firm, firm_agent, tell):
    tell(firm)
    assert firm_agent.username in told()
    assert told() == set(
        Mandate.objects.filter(party=firm, revoked_at=None).values_list("user__username", flat=True)
    )


@pytest.mark.parametrize(
    "change",
    [
        {"revoked_at": NOW},
        {"valid_until": TODAY - dt.timedelta(days=1)},
        {"valid_from": TODAY + dt.timedelta(days=1)},
    ],
)
def test_mandate_that_does_not_hold_today_tells_nobody(firm, firm_agent, tell, change):
    Mandate.objects.filter(party=firm).update(valid_from=TODAY, valid_until=TODAY)
    tell(firm, key="holds")
    assert firm_agent.username in told()
    Notice.objects.update(key="x")
    Mandate.objects.filter(user=firm_agent).update(**change)
    tell(firm, key="after")
    assert not Notice.objects.filter(key__startswith="after", user=firm_agent).exists()


def test_closed_account_is_not_told(citizen, tell):
    User.objects.filter(pk=citizen.pk).update(is_active=False)
    tell(citizen.party)
    assert told() == set()


# --- officers


def test_role_at_the_agency_is_told_and_nobody_else(clerk, officer, officer_elsewhere, agency, tell_role):
    tell_role()
    assert told() == {clerk.username, "window_chief"}
    assert {notice.agency for notice in Notice.objects.all()} == {agency}


def test_expired_grant_is_not_told(clerk, grants, tell_role):
    grants.exclude(user=clerk).update(valid_until=TODAY - dt.timedelta(days=1))
    grants.filter(user=clerk).update(valid_until=TODAY)
    tell_role()
    assert told() == {clerk.username}
    grants.filter(user=clerk).update(valid_until=TODAY - dt.timedelta(days=1))
    tell_role(key="later")
    assert Notice.objects.count() == 1


def test_office_that_is_closed_tells_nobody(clerk, agency, tell_role):
    agency.is_active = False
    agency.save()
    tell_role()
    assert told() == set()


def test_same_queries_for_one_and_for_many(
    agency, clerk, grants, tell_role, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6) as one:
        tell_role(key="one")
    template = grants.get(user=clerk, permission__codename=Role.CLERK)
    for number in range(20):
        user = User.objects.create(username=f"clerk{number}", name="窗口", email=f"clerk{number}@example.cn")
        template.pk, template.user = None, user
        template.save(force_insert=True)
    with django_assert_num_queries(len(one.captured_queries)):
        tell_role(key="many")
    assert Notice.objects.filter(key__startswith="many").count() == 22
    assert Delivery.objects.filter(key__startswith="many").count() == 22


# --- what is kept


def test_only_the_facts_of_the_kind_are_kept(citizen, tell):
    tell(citizen.party, context={**CONTEXT, "identity_number": "11010519491231002X", "phone": "13800001234"})
    assert Notice.objects.get().facts == {name: CONTEXT[name] for name in ("number", "matter")}


def test_missing_fact_is_refused_at_once(citizen, tell):
    with pytest.raises(KeyError):
        tell(citizen.party, context={"number": "1"})


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:1", ""])
def test_only_pages_of_this_site(citizen, tell, url):
    with pytest.raises(ValueError, match="not a path"):
        tell(citizen.party, url=url)


def test_address_is_sealed(citizen, tell):
    tell(citizen.party)
    assert citizen.email.encode() not in bytes(Delivery.objects.get().address_sealed)


def test_nothing_remains_of_a_rolled_back_act(citizen, tell):
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(citizen.party)
        raise RuntimeError
    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


def test_facts_of_kinds_are_names_numbers_and_terms_only():
    allowed = {"matter", "number", "certificate", "document", "clock", "basis", "outcome"}
    allowed |= {"on", "recorded", "count", "day"}  # days and how many
    # Of procedures and materials; whether they do, and whether their time counts.
    allowed |= {"procedure", "names", "found", "counting"}
    for kind in KINDS.values():
        assert kind.placeholders <= allowed


def test_words_of_every_kind_can_be_filled_in_every_language(settings):
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for kind in KINDS.values():
                facts = {name: f"<{name}>" for name in kind.placeholders}
                text = fill(kind.title, facts) + fill(kind.body, facts)
                assert "%(" not in text
                assert all(value in text for value in facts.values())


def test_fact_given_by_language_is_read_in_the_readers(citizen, tell):
    tell(citizen.party, context={**CONTEXT, "matter": {"zh-hans": "食品经营许可", "en": "Food licence"}})
    notice = Notice.objects.get()
    for language, name in (("en", "Food licence"), ("zh-hans", "食品经营许可"), ("zh-hant", "食品经营许可")):
        with translation.override(language):
            assert name in notice.title


def test_fact_unknown_to_an_older_notice_stays_empty():
    assert fill("%(a)s-%(b)s", {"a": "1"}) == "1-"


@pytest.mark.django_db(transaction=True)
def test_told_by_two_at_once_is_told_once(citizen, tell):
    import threading

    barrier = threading.Barrier(4)

    def work() -> None:
        try:
            barrier.wait(10)
            tell(citizen.party)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert Notice.objects.count() == Delivery.objects.count() == 1
