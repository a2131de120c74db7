"""Progress without a login: stage and dates to whoever knows four characters, nothing to anybody else."""

import hmac
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications import progress
from applications.models import Application
from support.accounts import attempts
from support.accounts.models import Party
from support.calendars.actions import load_official
from support.records.actor import VISITOR
from support.records.models import AuditEvent
from tests.applications.conftest import MONDAY, at

pytestmark = pytest.mark.django_db

URL = "/progress/"
UNMATCHED = "没有查到。请核对办件编号，以及申请人证件号码或手机号码的后四位。"
UNKNOWN = "11640104YYYY0021594640125001000202611239999"


@pytest.fixture(autouse=True)
def monday():
    with time_machine.travel(MONDAY, tick=False) as travel:
        yield travel


def ask(client, number, last_four, **headers):
    return client.post(
        URL, {"number": number, "last_four": last_four}, headers={"accept-language": "zh-hans"}, **headers
    )


def main(answer):
    return answer.content.decode().split("<main")[1].split("</main")[0]


def bare(answer, *typed):
    """The page without what was typed and without the token."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    for word in typed:
        html = html.replace(word, "")
    return html


# --- who is answered ------------------------------------------------------------------------------


def test_by_the_identity_number(client, received, citizen):
    answer = ask(client, received.number, citizen.party.number[-4:])
    assert answer.status_code == 200
    page = main(answer)
    assert "食品经营许可（新办）" in page
    assert "待受理" in page
    assert "2026-11-23 10:00" in page
    assert "最迟 2026-11-30 决定是否受理" in page
    assert re.search(r"预计不晚于 20\d\d-\d\d-\d\d 办结（暂定", page)


def test_by_the_phone(client, received, citizen):
    assert ask(client, received.number, citizen.party.phone[-4:]).status_code == 200


def test_a_company_by_its_credit_code(client, file_case, firm_agent, firm, answers, version):
    case = file_case()
    Application.objects.filter(pk=case.pk).update(party=firm)
    assert ask(client, case.number, firm.number[-4:]).status_code == 200
    assert ask(client, case.number, firm.phone[-4:]).status_code == 200


def test_typed_in_any_width_with_blanks_and_in_lower_case(client, received):
    party = Party.objects.get(pk=received.party_id)
    party.set_number("64019919900307002X")
    party.save()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in received.number.lower())
    assert ask(client, f" {wide[:10]} {wide[10:]}", "００２ｘ").status_code == 200


def test_the_first_four_or_another_part_is_not_enough(client, received, citizen):
    for wrong in (citizen.party.number[:4], citizen.party.number[-5:-1], citizen.party.phone[:4]):
        assert ask(client, received.number, wrong).status_code == 422


def test_a_party_without_a_phone_has_no_four_characters_of_it(client, received):
    Party.objects.filter(pk=received.party_id).update(phone_sealed=b"")
    for guess in ("0000", "    "):
        assert ask(client, received.number, guess).status_code == 422


def test_a_wrong_pair_and_an_unknown_number_get_the_same_page(client, received):
    wrong, unknown = ask(client, received.number, "9999"), ask(client, UNKNOWN, "9999")
    assert wrong.status_code == unknown.status_code == 422
    assert UNMATCHED in main(wrong)
    assert bare(wrong, received.number) == bare(unknown, UNKNOWN)
    assert "食品" not in main(wrong)


@pytest.mark.parametrize("guess", ["0000", "9999"])
def test_an_unknown_number_is_never_known(client, places, guess):
    assert ask(client, UNKNOWN, guess).status_code == 422


def test_a_wrong_pair_and_an_unknown_number_cost_the_same(received, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(progress.hmac, "compare_digest", lambda a, b: compared.append(1) or real(a, b))

    def work(number):
        compared.clear()
        with CaptureQueriesContext(connection) as queries:
            progress.look(number, "9999", language="zh-hans", address="::1", actor=VISITOR, now=MONDAY)
        return len(queries), len(compared)

    work(UNKNOWN)
    assert work(received.number) == work(UNKNOWN) == (2, 2)


# --- what is told ---------------------------------------------------------------------------------


def test_nothing_of_the_person_is_told(client, received, citizen, answers):
    page = ask(client, received.number, citizen.party.number[-4:]).content.decode()
    party = citizen.party
    for secret in (party.name, party.number, party.phone, str(received.uuid), received.agency.name):
        assert secret not in page
    assert not [
        value for value in answers.values() if isinstance(value, str) and len(value) > 3 and value in page
    ]


def test_accepted_and_under_review(client, accepted, citizen, monday):
    monday.move_to(at("2026-11-25"))
    page = main(ask(client, accepted.number, citizen.party.number[-4:]))
    assert "审查中" in page
    assert "2026-11-24 10:00" in page
    promised = timezone.localtime(accepted.promised_due_at) - timezone.timedelta(days=1)
    assert f"预计不晚于 {promised:%Y-%m-%d} 办结" in page
    assert "等待受理" not in page


def test_silence_is_acceptance_with_every_worker_down(client, received, citizen, monday):
    monday.move_to(at("2026-12-01", 0))
    page = main(ask(client, received.number, citizen.party.number[-4:]))
    assert Application.objects.get().state == "received"
    assert "审查中" in page
    assert "视为受理" in page
    assert "自收到申请材料之日起即为受理" in page
    assert "预计不晚于" in page
    monday.move_to(at("2026-11-30", 23))
    assert "待受理" in main(ask(client, received.number, citizen.party.number[-4:]))


@pytest.mark.parametrize("outcome", ["grant", "refuse"])
def test_closed_is_told_but_not_how(client, reviewed, step, approver, citizen, monday, outcome):
    monday.move_to(at("2026-11-26"))
    step(
        outcome,
        reviewed,
        approver,
        now=at("2026-11-26"),
        **({} if outcome == "grant" else {"reasons": "面积不足"}),
    )
    page = main(ask(client, reviewed.number, citizen.party.number[-4:]))
    assert "已办结" in page
    assert "2026-11-26 10:00" in page
    assert not re.search("准予|不予|许可决定|面积不足|材料齐全|预计", page)


# --- how often ------------------------------------------------------------------------------------


@pytest.fixture
def cache_of_the_test(settings):
    """A cache whose clock is that of the test."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.mark.parametrize("number", ["known", UNKNOWN])
@pytest.mark.usefixtures("cache_of_the_test")
def test_after_five_wrong_ones_the_number_rests_for_that_address(client, received, citizen, monday, number):
    number = received.number if number == "known" else number
    for n in range(5):
        assert ask(client, number, f"900{n}").status_code == 422
    right = citizen.party.number[-4:]
    locked = ask(client, number, right)
    assert locked.status_code == 429
    assert "请 60 分钟后再试" in main(locked)
    assert number in main(locked)
    found = 200 if number == received.number else 422
    assert ask(client, number, right, REMOTE_ADDR="198.51.100.7").status_code == found
    monday.shift(59 * 60)
    assert "请 1 分钟后再试" in main(ask(client, number, right))
    monday.shift(61)
    assert ask(client, number, right).status_code == found


def test_a_stranger_who_goes_on_locks_out_nobody_else(received, monkeypatch):
    monkeypatch.setattr(attempts, "PER_CASE_ANYWHERE", 8)
    waits = [attempts.minutes_to_wait(received.number, f"2001:db8::{n}") for n in range(20)]
    assert waits[:5] == [0] * 5
    assert all(waits[5:])
    assert attempts.minutes_to_wait(received.number, "198.51.100.7") == 0


def test_many_addresses_that_guess_lock_the_number(client, received, citizen):
    right = received.number, citizen.party.number[-4:]
    for n in range(attempts.PER_CASE_ANYWHERE):
        assert ask(client, received.number, "9999", REMOTE_ADDR=f"203.0.113.{n}").status_code == 422
        if n == 20:
            assert ask(client, *right, REMOTE_ADDR="198.51.100.7").status_code == 200
    assert ask(client, *right, REMOTE_ADDR="198.51.100.7").status_code == 429


def test_right_ones_do_not_count_and_do_not_forgive_wrong_ones(client, received, citizen):
    right = citizen.party.number[-4:]
    for _ in range(7):
        assert ask(client, received.number, right).status_code == 200
    for n in range(5):
        assert ask(client, received.number, f"900{n}").status_code == 422
        if n < 4:
            assert ask(client, received.number, right).status_code == 200
    assert ask(client, received.number, right).status_code == 429


def test_an_address_tries_many_numbers_only_so_often(client, received, citizen):
    for n in range(attempts.PER_ADDRESS):
        assert ask(client, f"{UNKNOWN[:-4]}{n:04d}", "1234").status_code == 422
    stopped = ask(client, received.number, citizen.party.number[-4:])
    assert stopped.status_code == 429
    assert "请 10 分钟后再试" in main(stopped)
    assert received.number in main(stopped)
    assert (
        ask(client, received.number, citizen.party.number[-4:], REMOTE_ADDR="198.51.100.7").status_code == 200
    )


def test_the_addresses_of_one_customer_are_one_address(client, received, citizen):
    for n in range(attempts.PER_ADDRESS):
        wrong = ask(client, f"{UNKNOWN[:-4]}{n:04d}", "1234", REMOTE_ADDR=f"2001:db8:1:2::{n:x}")
        assert wrong.status_code == 422
    right = received.number, citizen.party.number[-4:]
    assert ask(client, *right, REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 429
    assert ask(client, *right, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200
    assert attempts.network("::ffff:192.0.2.7") == attempts.network("192.0.2.7") == "192.0.2.7"


def test_a_hall_behind_one_address_looks_as_often_as_it_likes(client, received, citizen):
    for _ in range(attempts.PER_ADDRESS + 2):
        assert ask(client, received.number, citizen.party.number[-4:]).status_code == 200


# --- what is recorded -----------------------------------------------------------------------------


def test_every_look_is_recorded_without_what_was_typed(client, received, citizen):
    begin = AuditEvent.objects.latest("pk").pk
    ask(client, received.number, citizen.party.number[-4:])
    ask(client, received.number, "9999")
    ask(client, UNKNOWN, "9999")
    rows = list(AuditEvent.objects.filter(pk__gt=begin).order_by("pk"))
    target = f"applications.application:{received.uuid}"
    assert [(row.verb, row.target, row.subject_id, row.agency_id) for row in rows] == [
        ("read.progress", target, received.party_id, received.agency_id),
        ("refuse.progress", target, received.party_id, received.agency_id),
        ("refuse.progress", "applications.application", None, None),
    ]
    assert {row.actor_kind for row in rows} == {"visitor"}
    assert all(row.details == {"locked": False} for row in rows)


def test_a_locked_look_is_recorded_as_refused_though_it_was_right(client, received, citizen):
    for n in range(5):
        ask(client, received.number, f"900{n}")
    ask(client, received.number, citizen.party.number[-4:])
    last = AuditEvent.objects.latest("pk")
    assert (last.verb, last.details) == ("refuse.progress", {"locked": True})


# --- what is typed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "last_four", "words"),
    [
        ("", "", "有 2 处需要修改"),
        ("", "1234", "请填写办件编号"),
        (UNKNOWN, "", "请填写后四位"),
        (UNKNOWN, "640199199003070002", "只需填写最后四位，您输入了 18 位"),
        (UNKNOWN, "12", "只需填写最后四位，您输入了 2 位"),
        (UNKNOWN, "一二三四", "后四位只能是数字或字母"),
        ("餐馆", "1234", "办件编号只含字母和数字"),
        ("1" * 51, "1234", "办件编号太长"),
        ("1" * 5000, "1" * 5000, "办件编号太长"),
        ("\x00", "\x00\x00\x00\x00", "需要修改"),
    ],
)
def test_bad_input_in_words_and_kept(client, places, number, last_four, words):
    answer = ask(client, number, last_four)
    assert answer.status_code == 422
    assert words in main(answer)
    assert "<title>错误：" in answer.content.decode()
    if number.isprintable():
        assert f'value="{number}"' in main(answer) or not number
    assert not AuditEvent.objects.filter(verb__endswith="progress").exists()


def test_the_code_on_the_confirmation_fills_in_the_number(client, received, citizen):
    assert received.number in main(client.get(URL, {"number": received.number}))
    assert "<script" not in main(client.get(URL, {"number": "<script>" + "x" * 900}))
    client.force_login(citizen)
    page = client.get(f"/my/cases/{received.uuid}/submitted/")
    assert page.context["qr"].startswith("<svg")


def test_nothing_is_kept_by_browsers_on_the_way(client, received, citizen):
    assert "no-store" in ask(client, received.number, citizen.party.number[-4:])["Cache-Control"]


def test_a_calendar_loaded_or_not(client, received, citizen):
    load_official()
    with CaptureQueriesContext(connection) as queries:
        ask(client, received.number, citizen.party.number[-4:])
    assert len(queries) <= 9
