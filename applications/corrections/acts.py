"""What the steps of a correction write: the notice, the answers handed in, the judgement of each item.

行政许可法 32: told once and in full, on the spot or within five days; once all of it is handed in the agency
must accept. So nothing can be added afterwards, and an item is only judged met or not met, with reasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import clock
from applications.acts import Act, Added
from applications.corrections import answers
from applications.corrections.scope import Scope
from applications.models import CaseMaterial, Clock, Correction, CorrectionItem
from applications.workflow import StepRefused
from matters.guides import Guide
from support.calendars.terms import ONE_DAY, Term, Unit

LONGEST = 300
DAYS = (5, 60)
USUAL_DAYS = 15


@dataclass(frozen=True)
class Item:
    """One line of the notice as the officer writes it: `target` material or field, and its key in the guide."""

    target: str
    key: str
    why: str
    how: str


@dataclass(frozen=True)
class Judgement:
    """What the officer found of an item, by its id; one that is not met needs a reason."""

    item: int
    met: bool
    reason: str = ""


def request(act: Act) -> Added:
    """Write the notice. Every item must point to what the pinned guide asks of this applicant, and say why
    and how; anything else is refused (行政许可法 31)."""
    items: Sequence[Item] = act.inputs.more.get("items") or ()
    days = act.inputs.more.get("days")
    if not isinstance(days, int) or not DAYS[0] <= days <= DAYS[1]:
        raise StepRefused(_("补正期限应为 %(least)d 至 %(most)d 个工作日。") % {"least": DAYS[0], "most": DAYS[1]})
    _check(act, items)
    correction = Correction.objects.create(
        case=act.case, days=days, told_at=act.at, officer_id=act.actor.person, officer_name=act.actor.name
    )
    CorrectionItem.objects.bulk_create(
        CorrectionItem(
            correction=correction, target=item.target, key=item.key, why=item.why.strip(), how=item.how.strip()
        )
        for item in items
    )
    term = Term(days, Unit.WORKDAY)
    due = clock.calendar_of(act.case).add(timezone.localdate(act.at), term)
    return Added(
        terms={Clock.CORRECTION: term},
        paper={"items": _lines(act.guide, items), "correct_by": due.on.isoformat(), "provisional": due.provisional},
        notice={"day": due.on.isoformat()},
    )


def overdue(act: Act) -> Added:
    """Nothing was handed in within the term: the materials go back, and the applicant may file again."""
    due = act.case.correction_due_at
    assert due is not None
    return Added(
        paper={
            "told_on": timezone.localdate(act.case.correction.told_at).isoformat(),
            "correct_by": (timezone.localdate(due) - ONE_DAY).isoformat(),
        }
    )


def _check(act: Act, items: Sequence[Item]) -> None:
    if not items:
        raise StepRefused(_("请至少选择一项需要补正的内容。"))
    scope = Scope.of(act.case)
    if len({(item.target, item.key) for item in items}) != len(items):
        raise StepRefused(_("同一项内容不能告知两次。"))
    for item in items:
        if objection := scope.objection(item.target, item.key):
            raise StepRefused(objection)
        for words in (item.why, item.how):
            if not words.strip():
                raise StepRefused(_("请写明每一项不符合的地方和补正的方法。"))
            if len(words) > LONGEST:
                raise StepRefused(_("内容最多 %(n)s 字。") % {"n": LONGEST})


def _lines(guide: Guide, items: Sequence[Any]) -> list[dict[str, str]]:
    return [
        {"name": name_of(guide, item.target, item.key), "why": item.why.strip(), "how": item.how.strip()}
        for item in items
    ]


def name_of(guide: Guide, target: str, key: str) -> str:
    """What an item points to, in the words of the guide."""
    return guide.material(key).name if target == CorrectionItem.Target.MATERIAL else guide.field(key).label


def supplement(act: Act) -> Added:
    """Hand in the answers, all together: they become those of the case; the pages join its materials."""
    correction = act.case.correction
    items = list(correction.items.prefetch_related("files"))
    open_ = [name_of(act.guide, i.target, i.key) for i in answers.still_open(act.case, items)]
    if open_:
        raise StepRefused(_("还有内容没有补正：%(names)s。") % {"names": _("、").join(open_)})
    answers.hand_in(act.case, act.guide)
    last = act.case.materials.aggregate(last=Max("position"))["last"] or 0
    CaseMaterial.objects.bulk_create(
        CaseMaterial(
            case=act.case, material_key=item.key, upload_id=file.upload_id, position=last + place + 1, round=1
        )
        for item in items
        for place, file in enumerate(item.files.all())
    )
    act.case.supplemented_at = act.at
    return Added()


def all_met(act: Act) -> Added:
    """Everything asked for was handed in and is in order: the agency must accept (行政许可法 32(1)(五))."""
    act.case.correction.items.update(met=True)
    return Added()


def not_all_met(act: Act) -> Added:
    """Judge every item under the same notice; the reasons of those not met are the reasons of the decision."""
    judgements: Sequence[Judgement] = act.inputs.more.get("judgements") or ()
    found = {judgement.item: judgement for judgement in judgements}
    items = list(act.case.correction.items.all())
    if found.keys() != {item.pk for item in items}:
        raise StepRefused(_("请逐项核对：每一项都要写明符合或者不符合，不能增加别的内容。"))
    if all(judgement.met for judgement in found.values()):
        raise StepRefused(_("全部内容都符合要求，应当受理（行政许可法第三十二条第一款第（五）项）。"))
    reasons = []
    for item in items:
        judgement = found[item.pk]
        item.met, item.judged = judgement.met, judgement.reason.strip()
        name = name_of(act.guide, item.target, item.key)
        if not item.met and not item.judged:
            raise StepRefused(_("请写明“%(name)s”不符合要求的理由。") % {"name": name})
        if len(item.judged) > LONGEST:
            raise StepRefused(_("内容最多 %(n)s 字。") % {"n": LONGEST})
        item.save(update_fields=["met", "judged"])
        if not item.met:
            reasons.append(f"{name}：{item.judged}")
    return Added(reasons="\n".join(reasons), paper={"reasons": "\n".join(reasons), "corrected": True})


