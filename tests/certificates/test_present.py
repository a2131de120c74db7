"""亮证: a code that works once, for minutes, and what the scanner learns."""

import datetime as dt
import re
import threading

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from certificates import actions
from certificates.models import Certificate, PresentToken, UseLog
from support.records.actor import VISITOR
from tests.conftest import actor_of
from tests.documents.conftest import NOW

SOON = NOW + dt.timedelta(seconds=30)


@pytest.fixture
def holder(citizen):
    return actor_of(citizen)


@pytest.fixture
def token(certificate, holder) -> str:
    return actions.present(certificate, actor=holder, now=NOW).token


def test_what_the_scanner_learns(token, certificate):
    check = actions.verify_token(token, SOON)
    assert check.is_valid
    assert (check.title, check.holder, check.issuer) == ("食品经营许可证", "张*", certificate.agency.name)
    assert (check.valid_from, check.valid_until) == (certificate.valid_from, certificate.valid_until)


def test_only_once(token):
    assert actions.verify_token(token, SOON).found
    again = actions.verify_token(token, SOON)
    assert not again.found
    assert not again.is_valid
    assert "已被核验过" in again.words


def test_not_after_its_time(token):
    assert actions.verify_token(token, NOW + actions.TOKEN_LIFE - dt.timedelta(seconds=1)).found


def test_expired(token):
    check = actions.verify_token(token, NOW + actions.TOKEN_LIFE)
    assert not check.found
    assert "已过期" in check.words


def test_no_code_outlives_five_minutes(certificate, holder, citizen):
    with pytest.raises(IntegrityError), transaction.atomic():
        PresentToken.objects.create(
            certificate=certificate, digest=b"x", shown_by=citizen, created_at=NOW,
            expires_at=NOW + dt.timedelta(minutes=5, seconds=1),
        )  # fmt: skip


@pytest.mark.parametrize("forged", ["", "x", "a" * 32, "\x00", "\ud800", "../../", "很" * 300])
def test_forged(token, forged):
    check = actions.verify_token(forged, SOON)
    assert not check.found
    assert "不是本平台出示的" in check.words


def test_only_the_digest_is_kept(token):
    row = PresentToken.objects.get()
    assert row.token == ""
    assert token.encode() not in bytes(row.digest)


def test_codes_differ_and_old_ones_go(certificate, holder):
    first = actions.present(certificate, actor=holder, now=NOW).token
    second = actions.present(certificate, actor=holder, now=SOON).token
    assert first != second
    assert PresentToken.objects.count() == 2
    actions.present(certificate, actor=holder, now=NOW + dt.timedelta(hours=1))
    assert PresentToken.objects.count() == 1


def test_the_state_is_that_of_the_moment(token):
    """Revoked between showing and scanning."""
    Certificate.objects.update(state=Certificate.State.REVOKED)
    check = actions.verify_token(token, SOON)
    assert check.found
    assert not check.is_valid
    assert "吊销" in check.words


def test_only_the_holder(certificate, stranger, clerk, firm_agent, firm):
    for actor in (
        VISITOR, actor_of(stranger), actor_of(clerk), actor_of(firm_agent),
        actor_of(firm_agent, f"company:{firm.uuid}"),
    ):  # fmt: skip
        with pytest.raises(actions.PresentRefused, match="只有持证人"):
            actions.present(certificate, actor=actor, now=NOW)


def test_not_while_it_is_made(reserve, holder):
    with pytest.raises(actions.PresentRefused, match="出证中"):
        actions.present(reserve(), actor=holder, now=NOW)


def test_not_when_it_has_ended(certificate, holder):
    with pytest.raises(actions.PresentRefused, match="失效"):
        actions.present(certificate, actor=holder, now=NOW + dt.timedelta(days=365 * 6))


def test_an_organisations_name_is_not_masked(issue, firm, firm_agent):
    certificate = issue("firm", party=firm)
    hat = actor_of(firm_agent, f"company:{firm.uuid}")
    token = actions.present(certificate, actor=hat, now=NOW).token
    assert actions.verify_token(token, SOON).holder == firm.name


def test_both_sides_are_logged(certificate, holder, clerk):
    token = actions.present(certificate, actor=holder, now=NOW).token
    actions.present(certificate, actor=holder, now=SOON)  # a refresh is no second showing
    actions.verify_token(token, SOON, actor=actor_of(clerk))
    actions.verify_token(token, SOON, actor=actor_of(clerk))  # refused, not logged
    actions.present(certificate, actor=holder, now=NOW + dt.timedelta(minutes=6))
    log = [(use.kind, use.actor_name) for use in certificate.uses.order_by("id")]
    assert log == [("presented", "张小兰"), ("token", "马晓云"), ("presented", "张小兰")]


@pytest.mark.django_db(transaction=True)
def test_two_scanners_one_answer(certificate, holder):
    token = actions.present(certificate, actor=holder, now=NOW).token
    start, found = threading.Barrier(4, timeout=20), []

    def scan():
        try:
            start.wait()
            found.append(actions.verify_token(token, SOON).found)
        finally:
            connection.close()

    scanners = [threading.Thread(target=scan) for _ in range(4)]
    for scanner in scanners:
        scanner.start()
    for scanner in scanners:
        scanner.join(30)
    assert sorted(found) == [False, False, False, True]


# --- pages --------------------------------------------------------------------------------------


def test_the_card(certificate, client, citizen):
    client.force_login(citizen)
    response = client.get(reverse("certificates:present", args=[certificate.uuid]))
    page = response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert 'hx-trigger="every 60s"' in page
    assert "?round=1" in page
    assert "换一个码" in page
    assert "<svg" in page
    assert certificate.number in page
    assert UseLog.objects.filter(kind="presented").count() == 1


def test_htmx_gets_the_code_alone_and_stops_after_five_rounds(certificate, client, citizen):
    client.force_login(citizen)
    url = reverse("certificates:present", args=[certificate.uuid])
    part = client.get(url, {"round": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "?round=2" in part
    part = client.get(url, {"round": "5"}, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in part
    assert "换一个码" in part


@pytest.mark.parametrize("rounds", ["", "-1", "x", "²", "9" * 400])
def test_a_strange_round(certificate, client, citizen, rounds):
    client.force_login(citizen)
    assert (
        client.get(reverse("certificates:present", args=[certificate.uuid]), {"round": rounds}).status_code
        == 200
    )


def test_the_scanners_page(certificate, client, holder):
    with time_machine.travel(SOON, tick=False):
        token = actions.present(certificate, actor=holder, now=NOW).token
        url = reverse("certificates:present_check", args=[token])
        page = client.get(url).content.decode()
        assert "证照有效" in page
        assert "张*" in page
        assert "张小兰" not in page
        assert "示例路" not in page
        assert certificate.number not in page
        again = client.get(url)
    assert again.status_code == 200
    assert "已被核验过" in again.content.decode()
    assert "张*" not in again.content.decode()


def test_refused_in_words(reserve, client, citizen):
    certificate = reserve()
    client.force_login(citizen)
    page = client.get(reverse("certificates:present", args=[certificate.uuid])).content.decode()
    assert re.search(r"出证中.*不能亮证", page)
