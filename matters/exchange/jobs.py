"""The queue of workbooks: looked through in a dry run, and taken over when somebody says so."""

import datetime as dt
import logging
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from matters.exchange import importing
from matters.exchange.book import BookRefused, read
from matters.models import ImportJob
from support.accounts.hats import OFFICER_HAT, actor_for
from support.places.models import Agency, Role
from support.queues import rows
from support.queues.waking import wake
from support.records import actions as records
from support.records.actor import Actor

DRAIN = "matters.exchange.drain"
LEASE = 900  # seconds; renewed with every list
PER_NOTE = 20
MOST_AT_ONCE = 3  # of one agency: the workers have other things to do
KEPT = dt.timedelta(days=30)
State = ImportJob.State
log = logging.getLogger(__name__)


class JobRefused(Exception):
    """The job is not where it can be applied; the message says why."""


@transaction.atomic
def order(agency: Agency, file_name: str, data: bytes, *, actor: Actor, now: dt.datetime) -> ImportJob:
    """Have a workbook looked through. Raises PermissionDenied, JobRefused."""
    if not actor.holds(Role.EDITOR, agency.pk):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    if ImportJob.objects.filter(agency=agency).exclude(next_at=None).count() >= MOST_AT_ONCE:
        raise JobRefused(_("本机关还有 %(n)s 份文件在处理，请稍后再上传。") % {"n": MOST_AT_ONCE})
    job = ImportJob.objects.create(
        key=f"import:{uuid.uuid4()}", next_at=now, agency=agency, by_id=actor.person,
        file_name=file_name[:100], data=data, created_at=now,
    )  # fmt: skip
    _record("matters.import.check", job, actor, now)
    wake(DRAIN)
    return job


@transaction.atomic
def apply(job: ImportJob, *, actor: Actor, now: dt.datetime) -> ImportJob:
    """Have a workbook that was looked through, and has no error, taken over. Raises JobRefused."""
    job = ImportJob.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=job.pk)
    if job.state != State.CHECKED or job.working:
        raise JobRefused(_("这份文件现在不能导入，请刷新页面查看情况。"))
    if job.report.get("refused") or any(fault["error"] for fault in job.report["faults"]):
        raise JobRefused(_("文件还有错误，请改好后重新上传。"))
    job.state, job.done, job.attempts = State.APPLYING, 0, 0
    job.next_at, job.lease_until, job.applied_by_id = now, None, actor.person
    job.save()
    _record("matters.import.apply", job, actor, now)
    wake(DRAIN)
    return job


def drain(now: dt.datetime, limit: int = 1) -> int:
    """Work on what is due; returns on how many."""
    found = rows.claim(ImportJob.objects.select_related("agency"), now=now, lease=LEASE, limit=limit)
    for job in found:
        try:
            _work(job)
        except BookRefused as refused:
            _end(job, State.REFUSED, {"words": str(refused), "faults": []})
        except Exception as error:
            log.exception("import %s", job.uuid)
            rows.fail(job, type(error).__name__, now=now)
    return len(found)


def _work(job: ImportJob) -> None:
    """Look through, or take over. What was taken over before a worker died is found unchanged and stays."""
    actor = actor_for(job.applied_by or job.by, OFFICER_HAT)  # with the offices held today
    lists, faults = read(bytes(job.data))
    dry = job.state == State.CHECKING

    def progress(done: int) -> None:
        if done % PER_NOTE == 0 or done == len(lists):
            _note(job, done, len(lists))

    progress(0)
    report = importing.bring_in(
        lists, job.agency, actor=actor, now=timezone.now(), dry=dry, hands=[job.by_id], progress=progress
    )
    kept, report.faults = report.faults, []
    report.note([*faults, *kept])
    _end(job, State.CHECKED if dry else State.APPLIED, report.as_json())


def _note(job: ImportJob, done: int, total: int) -> None:
    """Say how far it is and hold the job for longer."""
    until = timezone.now() + dt.timedelta(seconds=LEASE)
    held = ImportJob.objects.filter(pk=job.pk, lease_until=job.lease_until)
    if not held.update(done=done, total=total, lease_until=until):
        raise RuntimeError("another worker has taken over")
    job.lease_until = until


def _end(job: ImportJob, state: str, report: dict[str, Any]) -> None:
    emptied = {} if state == State.CHECKED else {"data": b""}
    rows.finish(job, state=state, report=report, ended_at=timezone.now(), **emptied)


def tidy(now: dt.datetime) -> int:
    """Empty the workbooks that nobody took over."""
    old = ImportJob.objects.filter(state=State.CHECKED, next_at=None, created_at__lt=now - KEPT)
    return old.exclude(data=b"").update(data=b"", state=State.REFUSED)


def _record(verb: str, job: ImportJob, actor: Actor, now: dt.datetime) -> None:
    records.write(
        verb, actor=actor, target=f"matters.importjob:{job.uuid}", agency_id=job.agency_id,
        details={"bytes": len(job.data)}, at=now,
    )  # fmt: skip
