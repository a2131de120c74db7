"""What one due deadline costs while many cases sleep: the floor has 100,000 open cases, the candidate more."""

import datetime as dt
import os
import time
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from applications import sweep
from applications.models import Application, Deadline
from benchmarks import stage
from benchmarks.rounds import ROUNDS, Row, Run, in_turn

FEW, MANY = 100_000, int(os.environ.get("BENCH_CASES", "1000000"))
DUE = 500  # in each round
FAR = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
# Everything that differs from row to row; the rest is copied from one real case.
OWN = {"uuid": "gen_random_uuid()", "number": "'B' || n", "key": "'bench-' || n"}


def rows() -> Iterator[Row]:
    case, _answers, _uploads = stage.file_once("bench-sweep")
    _multiply(case, 1, FEW)
    connection.close()
    stage.create("bench_many", template=stage.DATABASE)
    stage.use("bench_many")
    _multiply(case, FEW + 1, MANY)
    for name in ("bench_many", stage.DATABASE):
        stage.use(name)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    turns = {name: iter(range(ROUNDS + 1)) for name in ("bench_many", stage.DATABASE)}
    yield in_turn(
        f"sweep, µs per due case, {MANY:,} open cases of {FEW:,}", "µs",
        lambda: _sweep(stage.DATABASE, next(turns[stage.DATABASE])),
        lambda: _sweep("bench_many", next(turns["bench_many"])),
    )  # fmt: skip
    yield in_turn(
        f"sweep with nothing due, {MANY:,} open cases of {FEW:,}", "µs",
        lambda: _empty(stage.DATABASE),
        lambda: _empty("bench_many"),
    )  # fmt: skip
    stage.use(stage.DATABASE)


def _multiply(case: Application, first: int, last: int) -> None:
    """Open cases asleep until far away, each with its ledger, events and deadline."""
    with connection.cursor() as cursor:
        columns = [f.column for f in Application._meta.concrete_fields if f.column != "id"]
        values = [OWN.get(column, column) for column in columns]
        cursor.execute(
            f"INSERT INTO applications_application ({', '.join(columns)})"  # noqa: S608  (our own names)
            f" SELECT {', '.join(values)} FROM applications_application, generate_series(%s, %s) n"
            " WHERE id = %s",
            [first, last, case.pk],
        )
        for model in ("clockentry", "caseevent", "deadline"):
            table = f"applications_{model}"
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
            )
            kept = [f'"{name}"' for (name,) in cursor.fetchall() if name not in ("id", "case_id")]
            cursor.execute(
                f"INSERT INTO {table} (case_id, {', '.join(kept)})"  # noqa: S608
                f" SELECT a.id, {', '.join(f't.{name}' for name in kept)}"
                f" FROM {table} t, applications_application a WHERE t.case_id = %s AND a.id <> %s"
                " AND a.number IN (SELECT 'B' || n FROM generate_series(%s, %s) n)",
                [case.pk, case.pk, first, last],
            )
        cursor.execute(
            "UPDATE applications_deadline SET due_at = %s, next_at = %s WHERE done_at IS NULL", [FAR, FAR]
        )


def _wake(turn: int) -> None:
    """Let the next DUE sleeping cases have been received long enough ago: their term ran out a minute ago."""
    ended = timezone.now() - dt.timedelta(minutes=1)
    received = ended - dt.timedelta(days=14)
    numbers = [f"B{n}" for n in range(turn * DUE + 1, (turn + 1) * DUE + 1)]
    ids = list(Application.objects.filter(number__in=numbers).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE applications_application SET acceptance_due_at = %s, due_at = %s, received_at = %s"
            " WHERE id = ANY(%s)",
            [ended, ended, received, ids],
        )
        for table in ("clockentry", "caseevent"):
            day = ', "on" = %s' if table == "clockentry" else ""
            cursor.execute(
                f"UPDATE applications_{table} SET at = %s{day} WHERE case_id = ANY(%s)",  # noqa: S608
                [received, *([received.date()] if day else []), ids],
            )
        cursor.execute(
            "UPDATE applications_deadline SET due_at = %s, next_at = %s WHERE case_id = ANY(%s)",
            [ended, ended, ids],
        )


def _timed(limit: int) -> tuple[int, float, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    count = sweep.sweep(timezone.now())
    if count != limit:
        raise SystemExit(f"{count} deadlines handled, {limit} were due")
    return count, time.perf_counter() - begun, time.process_time() - cpu


def _sweep(database: str, turn: int) -> Run:
    stage.use(database)
    _wake(turn)
    count, wall, cpu = _timed(DUE)
    if failed := Deadline.objects.exclude(error="").count():
        raise SystemExit(f"{failed} deadlines failed")
    return Run(1e6 * wall / count, 1000 * cpu / count)


def _empty(database: str) -> Run:
    stage.use(database)
    _timed(0)
    times = [_timed(0)[1:] for _ in range(200)]
    return Run(1e6 * sum(wall for wall, _cpu in times) / 200, 1000 * sum(cpu for _wall, cpu in times) / 200)
