"""What the steps of 容缺受理 write: the terms with acceptance, each material handed in, the officer's finding.

Acceptance starts the statutory clock, and what was left out must come while it runs; granting waits for all of it.
No timer refuses: when a term is over the officer has a task, with the consequence that the notice told.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock
from applications.acts import Act, Added
from applications.corrections.acts import LONGEST, Judgement
from applications.models import Application, CaseMaterial, Clock, DeferredMaterial
from applications.workflow import StepRefused
from matters.guides import Guide
from support.calendars.terms import ONE_DAY, Term, Unit


def begin(act: Act) -> Added:
    """Start the terms of a case that was accepted with materials left out. They count from the day on which the
    applicant is told: silence may have accepted the case before."""
    items = list(act.case.deferred.all())
    term = Term(max(item.days for item in items), Unit.WORKDAY)
    clock.start(act.case, Clock.SUPPLEMENT, term, guide=act.guide, actor=act.actor, at=act.now)
    clock.recompute(act.case, today=timezone.localdate(act.now))
    lines = lines_of(act.case, act.guide)
    last = max(line["due_on"] for line in lines)
    names = _("、").join(line["name"] for line in lines)
    return Added(paper={"items": lines, "told_on": timezone.localdate(act.now).isoformat()},
                 notice={"day": last, "names": names})  # fmt: skip


def lines_of(case: Application, guide: Guide) -> list[dict[str, str]]:
    """Every deferred material with its last day, as ISO day and as papers print it."""
    days = [(item, timezone.localdate(item.due_at) - ONE_DAY) for item in case.deferred.all() if item.due_at]
    return [
        {
            "name": guide.material(item.material_key).name, "due_on": day.isoformat(),
            "due_words": f"{day.year}年{day.month}月{day.day}日",
        }
        for item, day in days
    ]  # fmt: skip


def hand_in(act: Act) -> Added:
    """Hand in one deferred material: its pages join those of the case."""
    items: Sequence[int] = act.inputs.more.get("deferred") or ()
    found = list(act.case.deferred.filter(pk__in=items).prefetch_related("files"))
    if not found or len(found) != len(set(items)):
        raise StepRefused(_("请选择要提交的材料；只能提交容缺受理通知书列明的材料。"))
    last = act.case.materials.aggregate(last=Max("position"))["last"] or 0
    for item in found:
        name = act.guide.material(item.material_key).name
        if not item.is_open():
            raise StepRefused(_("“%(name)s”已经提交。") % {"name": name})
        pages = list(item.files.all())
        if not (pages or item.sheets):
            raise StepRefused(_("请先上传“%(name)s”。") % {"name": name})
        CaseMaterial.objects.bulk_create(
            CaseMaterial(
                case=act.case, material_key=item.material_key, upload_id=page.upload_id, position=last + n + 1, round=2
            )
            for n, page in enumerate(pages)
        )
        last += len(pages)
        item.files.all().delete()
        item.handed_at = act.at
        item.save(update_fields=["handed_at"])
    return Added(notice={"names": _names(act.guide, found)})


def confirm(act: Act) -> Added:
    """Judge what was handed in. What does not conform is told once, with the reason; it may be handed in once more,
    and the second finding stands."""
    judgements: Sequence[Judgement] = act.inputs.more.get("judgements") or ()
    found = {judgement.item: judgement for judgement in judgements}
    items = [item for item in act.case.deferred.all() if item.handed_at and item.met is not True and not final(item)]
    if not items:
        raise StepRefused(_("申请人还没有提交容缺的材料，或者提交的都已核对。"))
    if found.keys() != {item.pk for item in items}:
        raise StepRefused(_("请逐项核对申请人已提交的容缺材料，不能增加别的内容。"))
    for item in items:
        _judge(act, item, found[item.pk])
    act.case.deferred_open = act.case.deferred.exclude(met=True).count()
    if not act.case.deferred_open:
        clock.stop(act.case, Clock.SUPPLEMENT, actor=act.actor, at=act.at)
    unmet = [item for item in items if not item.met]
    words = _("有材料不符合要求，理由见办件页面：%(names)s。") if unmet else _("符合要求：%(names)s。")
    return Added(notice={"found": words % {"names": _names(act.guide, unmet or items)}})


def final(item: DeferredMaterial) -> bool:
    """Whether it was found not to conform a second time."""
    return item.met is False and item.handed_at is not None


def _judge(act: Act, item: DeferredMaterial, judgement: Judgement) -> None:
    reason, told = judgement.reason.strip(), item.met is False or bool(item.judged)
    name = act.guide.material(item.material_key).name
    if not judgement.met and not reason:
        raise StepRefused(_("请写明“%(name)s”不符合要求的理由。") % {"name": name})
    if len(reason) > LONGEST:
        raise StepRefused(_("内容最多 %(n)s 字。") % {"n": LONGEST})
    item.met, item.judged = judgement.met, reason or item.judged
    if not judgement.met and not told:  # the applicant may mend it, once
        item.met, item.handed_at, item.sheets = None, None, False
    item.save(update_fields=["met", "judged", "handed_at", "sheets"])


def waiting(case: Application, now: Any) -> list[DeferredMaterial]:
    """What the applicant may still hand in within its term, or has handed in and nobody has judged."""
    return [
        item
        for item in case.deferred.all()
        if item.met is None and (item.handed_at or (item.due_at and item.due_at > now))
    ]


def refuse(act: Act) -> Added:
    """While a material may still come, its absence is no ground: the officer states that the reasons are others."""
    pending = waiting(act.case, act.at)
    if pending and act.inputs.more.get("apart") is not True:
        raise StepRefused(
            _("“%(names)s”还在补交期限内或者等待核对，不能以此为由不予准许。理由与此无关的，请勾选确认。")
            % {"names": _names(act.guide, pending)}
        )
    return Added()


def _names(guide: Guide, items: Sequence[DeferredMaterial]) -> str:
    return str(_("、")).join(guide.material(item.material_key).name for item in items)
