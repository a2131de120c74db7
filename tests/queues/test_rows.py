import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from urllib.parse import quote

import pytest
from django.db import connection

from support.notices.models import Delivery
from support.queues.rows import BACKOFF, MAX_ATTEMPTS, claim, dead, fail, finish, retry
from tests.queues.conftest import NOW


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def claim_one(at: dt.datetime, lease: int = 60) -> Delivery:
    [row] = claim(Delivery.objects.all(), now=at, lease=lease)
    return row


def claim_keys(at: dt.datetime, limit: int = 10) -> list[str]:
    return [row.key for row in claim(Delivery.objects.all(), now=at, lease=60, limit=limit)]


def test_claims_what_is_due_oldest_first(add):
    add("later", after(5))
    add("future", after(50))
    add("done", None)
    add("first", after(-5))
    assert claim_keys(after(10)) == ["first", "later"]


def test_takes_no_more_than_asked(add):
    for key in "abc":
        add(key)
    assert len(claim_keys(NOW, limit=2)) == 2


def test_leased_row_is_not_claimed_until_the_lease_has_run_out(add):
    add("a")
    claim_one(NOW)
    assert claim_keys(after(60)) == []
    row = claim_one(after(61))
    assert row.attempts == 2


def test_finished_row_stays_done_and_keeps_what_came_of_it(add):
    add("a")
    row = claim_one(NOW)
    assert finish(row, provider_id="p") is True
    row.refresh_from_db()
    assert (row.next_at, row.lease_until, row.error, row.provider_id) == (None, None, "", "p")
    assert claim_keys(after(10**6)) == []
    assert not dead(Delivery.objects.all()).exists()


def test_who_lost_the_lease_can_neither_finish_nor_fail(add):
    add("a")
    slow = claim_one(NOW)
    quick = claim_one(after(61))
    assert finish(slow, provider_id="slow") is False
    assert fail(slow, "slow", now=after(62)) is False
    assert finish(quick, provider_id="quick") is True
    assert finish(slow, provider_id="slow") is False
    assert Delivery.objects.get().provider_id == "quick"


def test_failed_row_comes_back_later_and_later(add):
    add("a")
    at = NOW
    for wait in BACKOFF:
        assert fail(claim_one(at), "refused", now=at) is True
        assert claim_keys(at + dt.timedelta(seconds=wait - 1)) == []
        at += dt.timedelta(seconds=wait)
    assert Delivery.objects.get().error == "refused"


def fail_to_death(at: dt.datetime) -> None:
    for _turn in range(MAX_ATTEMPTS):
        row = claim_one(at)
        fail(row, "refused", now=at)
        at += dt.timedelta(days=1)


def test_after_the_last_attempt_a_row_is_dead_until_someone_retries_it(add):
    add("a")
    fail_to_death(NOW)
    row = dead(Delivery.objects.all()).get()
    assert (row.next_at, row.attempts, row.error) == (None, MAX_ATTEMPTS, "refused")
    assert retry(row, now=after(10**6)) is True
    row = claim_one(after(10**6))
    assert row.attempts == 1
    assert finish(row)


def test_only_a_dead_row_is_retried(add):
    add("open")
    done = add("done", None)
    assert retry(Delivery.objects.get(key="open"), now=NOW) is False
    assert retry(done, now=NOW) is False


def test_error_without_words_still_makes_a_dead_row(add):
    add("a", attempts=MAX_ATTEMPTS - 1)
    fail(claim_one(NOW), "", now=NOW)
    assert dead(Delivery.objects.all()).count() == 1


def test_row_that_kills_every_worker_is_given_up_and_the_next_one_served(add):
    add("poison", after(-1), attempts=MAX_ATTEMPTS, lease_until=after(-1))
    add("good")
    assert claim_keys(NOW, limit=1) == ["good"]
    assert dead(Delivery.objects.all()).get().key == "poison"


def test_index_of_the_queue_holds_open_rows_only(add):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'delivery_due'")
        [[definition]] = cursor.fetchall()
    assert "WHERE (next_at IS NOT NULL)" in definition


@pytest.mark.django_db(transaction=True)
def test_workers_never_hold_the_same_row(add):
    for number in range(60):
        add(str(number))
    barrier, taken = threading.Barrier(4), []

    def work() -> None:
        try:
            barrier.wait(10)
            while keys := claim_keys(NOW, limit=3):
                taken.extend(keys)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(taken) == sorted(str(number) for number in range(60))


@pytest.mark.django_db(transaction=True)
def test_claim_does_not_wait_for_a_locked_row(add):
    from django.db import transaction

    add("locked")
    add("free")
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Delivery.objects.select_for_update().get(key="locked")
                locked.set()
                release.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert locked.wait(10)
    try:
        assert claim_keys(NOW) == ["free"]
    finally:
        release.set()
        thread.join(10)


WORKER = """
import datetime as dt, sys, time
import django
django.setup()
from support.notices.models import Delivery
from support.queues.rows import claim
[row] = claim(Delivery.objects.all(), now=dt.datetime.fromisoformat(sys.argv[1]), lease=60)
print(row.key, flush=True)
time.sleep(60)
"""


@pytest.mark.django_db(transaction=True)
def test_row_of_a_killed_worker_is_claimed_again(add):
    add("a")
    database = connection.settings_dict
    url = (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{quote(database['HOST'], safe='')}:{database['PORT']}"
        f"/{database['NAME']}"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, NOW.isoformat()],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert worker.stdout.readline().strip() == "a"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
    assert claim_keys(after(30)) == []
    row = claim_one(after(61))
    assert row.attempts == 2
    assert finish(row) is True
