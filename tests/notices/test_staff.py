"""消息发送: who sees what, exact counts, trying again; and the same on the screen of a case."""

import threading

import pytest
from django.db import connection

from support.accounts.actions import grant
from support.notices import actions, delivery, reports, sms, staff_views, words
from support.notices.models import Channel, Delivery, Notice, State
from support.places.models import Role
from support.records.actor import TIMER, VISITOR
from support.records.models import AuditEvent
from tests.conftest import actor_of
from tests.notices.conftest import CONTEXT, NOW, state_of

pytestmark = pytest.mark.django_db
PAGE, RETRY = "/manage/deliveries/", "/manage/deliveries/retry/"
DEAD = {"next_at": None, "error": "Unavailable 503", "attempts": 8}


@pytest.fixture
def row(citizen, tell, agency, with_sms):
    """`row(key, channel, next_at=None, …)`: a delivery to the citizen in the agency's business."""

    def make(key="k", channel=Channel.SMS, *, of=agency, **values) -> Delivery:
        tell(citizen.party, key=key, agency_id=of.pk)
        rows = Delivery.objects.filter(key__startswith=f"{key}:")
        rows.exclude(channel=channel).delete()
        rows.update(**values)
        return rows.get()

    return make


def as_staff(client, user, **query):
    client.force_login(user)
    return client.get(PAGE, query)


def shown(response) -> set[str]:
    return {row["delivery"].key.partition(":")[0] for row in response.context["rows"]}


# --- who sees what


def test_staff_of_the_agency_see_what_went_to_its_parties(row, agency, agency_elsewhere, cast):
    here, there = row("here"), row("there", of=agency_elsewhere)
    for name in ("clerk", "officer", "approver", "agency_head", "supervisor"):
        assert list(Delivery.objects.visible_to(actor_of(cast[name]))) == [here], name
    assert list(Delivery.objects.visible_to(actor_of(cast["officer_elsewhere"]))) == [there]
    for actor in (actor_of(cast["citizen"]), actor_of(cast["editor"]), VISITOR, TIMER):
        assert not Delivery.objects.visible_to(actor).exists()
    assert not Delivery.objects.visible_to(actor_of(cast["clerk"], "citizen")).exists()


def test_what_went_to_staff_is_for_the_supervisor_alone(tell_role, clerk, supervisor):
    tell_role(Role.SUPERVISOR, "negative_rating")
    [sent] = Delivery.objects.visible_to(actor_of(supervisor))
    assert sent.notice.user == supervisor
    assert not Delivery.objects.visible_to(actor_of(clerk)).exists()


def test_the_page_is_for_clerks_and_supervisors(client, row, cast):
    row()
    for name, status in {"clerk": 200, "supervisor": 200, "officer": 403, "citizen": 403}.items():
        assert as_staff(client, cast[name]).status_code == status, name


def test_a_clerk_here_who_reviews_elsewhere_handles_the_messages_of_here(
    client, row, agency_elsewhere, clerk
):
    grant(clerk, Role.OFFICER, agency_elsewhere, until=None, actor=TIMER, now=NOW)
    row("here")
    there = row("there", of=agency_elsewhere, **DEAD)
    assert shown(as_staff(client, clerk)) == {"here"}
    client.post(RETRY, {"delivery": there.uuid})
    assert state_of(there) == "dead"


def test_addresses_are_masked_and_the_read_is_recorded(client, row, citizen, clerk):
    sent, mail = row("a"), row("b", Channel.EMAIL)
    page = as_staff(client, clerk).content.decode()
    for secret in (citizen.party.phone, citizen.email, citizen.name):
        assert secret not in page
    assert "199****0001" in page
    assert "c***@example.com" in page
    assert "NX1" in page
    event = AuditEvent.objects.get(verb="read.deliveries")
    assert (event.actor_id, event.details["deliveries"]) == (clerk.pk, [mail.pk, sent.pk])


# --- the list


def test_tabs_and_channels_count_what_they_list(client, row, clerk):
    for number in range(3):
        row(f"dead{number}", **DEAD)
    row("dead-mail", Channel.EMAIL, **DEAD)
    row("waiting")
    row("sent", next_at=None, sent_at=NOW)
    row("delivered", next_at=None, sent_at=NOW, delivered_at=NOW)
    row("failed", next_at=None, sent_at=NOW, failed_at=NOW, failure="unreachable")
    for channel in ("", *Channel.values):
        answer = as_staff(client, clerk, channel=channel)
        for tab in answer.context["states"]:
            listed = client.get(tab["url"])
            assert listed.content.decode().count(f">{tab['label']}</span>") == tab["count"]
            assert len(listed.context["rows"]) == tab["count"], (tab, channel)
            for link in listed.context["channels"]:
                assert len(client.get(link["url"]).context["rows"]) == link["count"], (tab, link)
    assert {tab["label"]: tab["count"] for tab in as_staff(client, clerk).context["states"]} == {
        "已停止发送": 4, "未送达": 1, "待发送": 1, "已发出": 1, "已送达": 1,
    }  # fmt: skip


def test_what_needs_a_hand_comes_first(client, row, clerk):
    row("sent", next_at=None, sent_at=NOW)
    assert as_staff(client, clerk).context["state"] == State.SENT
    row("waiting")
    assert as_staff(client, clerk).context["state"] == State.WAITING
    row("dead", **DEAD)
    assert as_staff(client, clerk).context["state"] == State.DEAD


def test_an_empty_list_says_so(client, clerk):
    page = as_staff(client, clerk).content.decode()
    assert "这里没有消息" in page
    assert "<table" not in page


def test_pages_follow_one_another_without_a_gap(client, row, clerk, monkeypatch):
    monkeypatch.setattr(staff_views, "PAGE", 2)
    for number in range(5):
        row(f"k{number}")
    answer, seen = as_staff(client, clerk), []
    while True:
        seen += sorted(shown(answer), reverse=True)
        if not answer.context["next_url"]:
            break
        answer = client.get(answer.context["next_url"])
    assert seen == ["k4", "k3", "k2", "k1", "k0"]


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"channel": "pigeon"},
        {"after": "x"},
        {"after": "-1"},
        {"after": "9" * 40},
        {"state": "\0", "channel": "\0", "after": "\0"},
    ],
)
def test_a_forged_query_narrows_nothing(client, row, clerk, query):
    row("k")
    assert shown(as_staff(client, clerk, **query)) == {"k"}


def test_the_list_asks_the_same_number_of_queries_however_long(
    client, row, clerk, django_assert_max_num_queries
):
    row("one")
    as_staff(client, clerk)
    with django_assert_max_num_queries(30) as few:
        client.get(PAGE)
    for number in range(12):
        row(f"k{number}")
    with django_assert_max_num_queries(len(few)):
        client.get(PAGE)


def test_a_spoilt_row_does_not_break_the_page(client, row, clerk):
    row("k", address_sealed=b"spoilt", **DEAD | {"error": "Unsealable"})
    assert "收件地址无法解密" in as_staff(client, clerk).content.decode()


@pytest.mark.parametrize(
    ("channel", "error", "said"),
    [
        ("email", "SMTPRecipientsRefused 550", "邮件服务器拒收，邮箱地址可能有误（550）"),
        ("email", "SMTPDataError 451", "邮件服务器暂时不收（451）"),
        ("email", "ConnectionRefusedError", "连接不上邮件服务器（ConnectionRefusedError）"),
        ("sms", "Refused invalid_number", "号码不存在或不是手机号码"),
        ("sms", "Refused new_code", "new_code"),
        ("sms", "Unavailable 503", "短信网关没有应答或过于繁忙（503）"),
        ("sms", "worker lost", "发送进程多次中断"),
        ("sms", "KeyError", "程序出错，请联系运维人员（KeyError）"),
        ("sms", "", ""),
    ],
)
def test_errors_in_words(channel, error, said):
    assert words.trouble(Delivery(channel=channel, error=error, state="dead")) == said


def test_a_text_that_waits_for_the_morning_says_so(client, row, clerk):
    night = NOW.replace(hour=15)  # 23:00 in Ningxia
    row("text", next_at=night)
    row("mail", Channel.EMAIL, next_at=night)
    page = as_staff(client, clerk).content.decode()
    assert "03-03 07:00 起" in page
    assert "03-02 23:00 起" in page


# --- trying again


def test_one_is_tried_again_and_a_second_press_is_harmless(client, row, clerk, agency):
    one, other = row("one", **DEAD), row("other", **DEAD)
    client.force_login(clerk)
    assert "已重新安排发送 1 条" in client.post(RETRY, {"delivery": one.uuid}, follow=True).content.decode()
    assert (state_of(one), one.attempts, state_of(other)) == ("waiting", 0, "dead")
    assert "可能已由其他人处理" in client.post(RETRY, {"delivery": one.uuid}, follow=True).content.decode()
    event = AuditEvent.objects.get(verb="notice.retry")
    assert (event.actor_id, event.agency_id, event.details) == (clerk.pk, agency.pk, {"deliveries": [one.pk]})


def test_all_that_were_given_up_on_a_channel_and_no_others(client, row, clerk, agency_elsewhere):
    given_up = [row(f"d{number}", **DEAD) for number in range(3)]
    others = [
        row("mail", Channel.EMAIL, **DEAD),
        row("elsewhere", of=agency_elsewhere, **DEAD),
        row("failed", next_at=None, sent_at=NOW, failed_at=NOW, failure="unreachable"),
    ]
    before = [state_of(each) for each in others]
    client.force_login(clerk)
    assert "3 条" in client.post(RETRY, {"channel": "sms"}, follow=True).content.decode()
    assert {state_of(each) for each in given_up} == {"waiting"}
    assert [state_of(each) for each in others] == before


@pytest.mark.parametrize("data", [{"delivery": "x"}, {"channel": "pigeon"}])
def test_a_broken_post_retries_nothing(client, row, clerk, data):
    dead = row(**DEAD)
    client.force_login(clerk)
    assert client.post(RETRY, data).status_code == 302
    assert state_of(dead) == "dead"


def test_what_is_being_sent_just_now_is_left_alone(client, row, clerk):
    waiting = row("k", attempts=3, error="Unavailable 503")
    client.force_login(clerk)
    client.post(RETRY, {"delivery": waiting.uuid})
    waiting.refresh_from_db()
    assert waiting.attempts == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_count_each_once(row, clerk):
    for number in range(20):
        row(f"k{number}", **DEAD)
    actor, counts, barrier = actor_of(clerk), [], threading.Barrier(4)

    def press() -> None:
        try:
            barrier.wait(10)
            counts.append(actions.retry(Delivery.objects.all(), actor=actor, now=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(counts) == 20
    assert (
        sum(len(event.details["deliveries"]) for event in AuditEvent.objects.filter(verb="notice.retry"))
        == 20
    )


def test_retried_by_hand_it_arrives_once_though_the_answers_had_been_lost(client, row, clerk, gateway):
    sandbox = gateway(silence=0)
    sent = row()
    sandbox.mode("lossy")
    for attempt in range(8):
        with pytest.raises(delivery.ProviderDown):
            delivery.send_next(Channel.SMS, now=NOW + delivery.dt.timedelta(days=attempt))
    assert state_of(sent) == "dead"
    sandbox.mode("up")
    client.force_login(clerk)
    client.post(RETRY)
    Delivery.objects.update(next_at=NOW)
    delivery.send_next(Channel.SMS, now=NOW)
    assert state_of(sent) == "sent"
    assert len(sandbox.taken) == 1


FAILED = {"next_at": None, "sent_at": NOW, "failed_at": NOW, "failure": "unreachable", "provider_id": "p"}


def test_what_the_gateway_could_not_deliver_goes_out_as_a_new_message(client, row, clerk, citizen, gateway):
    """The old id would be taken as known, and its late reports must not be taken for those of the new one."""
    sandbox = gateway()
    old = row()
    delivery.send_next(Channel.SMS, now=NOW)
    reports.note(sms.Report(old.uuid, "p", "undeliverable", NOW, "unreachable"), now=NOW)
    assert state_of(old) == "failed"
    client.force_login(clerk)
    assert "全部重新发送（1 条）" in client.get(PAGE, {"state": "failed"}).content.decode()
    assert "重新发送" not in client.get(PAGE, {"state": "sent"}).content.decode()
    pressed = {"delivery": old.uuid, "state": "failed"}
    assert "已重新安排发送 1 条" in client.post(RETRY, pressed, follow=True).content.decode()
    assert "可能已由其他人处理" in client.post(RETRY, pressed, follow=True).content.decode()
    new = Delivery.objects.get()
    assert (new.pk, new.state, new.failure, new.sent_at) == (old.pk, "waiting", "", None)
    for outcome in ("undeliverable", "delivered"):
        assert not reports.note(sms.Report(old.uuid, "p", outcome, NOW), now=NOW)
    assert state_of(new) == "waiting"
    Delivery.objects.update(next_at=NOW)
    delivery.send_next(Channel.SMS, now=NOW)
    assert state_of(new) == "sent"
    assert [taken["id"] for taken in sandbox.taken] == [str(old.uuid), str(new.uuid)]
    assert reports.note(sms.Report(new.uuid, "p2", "delivered", NOW), now=NOW)
    assert state_of(new) == "delivered"
    event = AuditEvent.objects.get(verb="notice.retry")
    assert event.details == {"deliveries": [old.pk], "replaced": [str(old.uuid)]}


def test_each_list_retries_its_own(client, row, clerk):
    given_up, failed = row("dead", **DEAD), row("failed", **FAILED)
    came = row("late", **FAILED | {"delivered_at": NOW})
    client.force_login(clerk)
    client.post(RETRY, {"state": "failed"})
    assert [state_of(each) for each in (given_up, failed, came)] == ["dead", "waiting", "delivered"]
    client.post(RETRY, {"state": "delivered"})
    assert state_of(came) == "delivered"


# --- on the screen of a case


def test_of_a_case_what_went_to_its_party(
    row, citizen, tell_role, officer, supervisor, officer_elsewhere, agency
):
    first, second = row("a"), row("b", Channel.EMAIL)
    actions.tell_party(
        citizen.party.pk, "certificate_ready", key="c", context={"certificate": "食品经营许可证"}, url="/c/",
        now=NOW, agency_id=agency.pk, case_number="NX1",
    )  # fmt: skip
    third = Delivery.objects.get(key__startswith="c:")
    actions.tell_party(
        citizen.party.pk, "case_accepted", key="d", context={**CONTEXT, "number": "NX2"}, url="/d/", now=NOW,
        agency_id=agency.pk,
    )  # fmt: skip
    tell_role(Role.SUPERVISOR, "negative_rating", key="e")
    for actor in (actor_of(officer), actor_of(supervisor)):
        assert list(actions.for_case("NX1", actor)) == [first, second, third]
    assert not actions.for_case("NX1", actor_of(officer_elsewhere)).exists()


def test_of_an_anonymous_rating_no_number_is_kept(tell_role, supervisor):
    tell_role(Role.SUPERVISOR, "negative_rating_anonymous")
    assert Notice.objects.get().case_number == ""
