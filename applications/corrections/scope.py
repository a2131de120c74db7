"""What a correction notice may point to: what the pinned guide asks of this applicant, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import Application, CorrectionItem
from applications.papers import all_answers
from applications.wizard import asked_for
from certificates.models import Certificate
from matters.guides import Field, Material

KNOWN = "party."  # prefilled from the account: not typed, so nothing to mend


@dataclass(frozen=True)
class Scope:
    """The materials and questions of a case. `given`: keys of materials handed in; `held`: materials that the
    applicant holds as a valid electronic certificate, which may not be asked for again (国令716号 7);
    `deferred`: left out under 容缺."""

    materials: Mapping[str, Material]
    fields: Mapping[str, Field]
    given: frozenset[str]
    held: frozenset[str]
    deferred: frozenset[str]

    @classmethod
    def of(cls, case: Application) -> "Scope":
        """A few queries; reads the answers, which the caller's page records."""
        guide, answers = case.guide.said, all_answers(case)
        asked = asked_for(guide, case.situations, at_window=case.channel == Application.Channel.COUNTER)
        given = {item.material_key for item in case.materials.all()}
        given |= {row.material_key for row in case.sheets.all()}
        return cls(
            {material.key: material for material in asked},
            {f.key: f for f in guide.fields() if f.shown(answers) and not f.prefill.startswith(KNOWN)},
            frozenset(given),
            frozenset(_held(case, asked)),
            frozenset(case.deferred.values_list("material_key", flat=True)),
        )

    def objection(self, target: str, key: str) -> str:
        """Why the officer may not ask for this; empty if they may."""
        if target == CorrectionItem.Target.FIELD:
            return "" if key in self.fields else _("只能要求补正办事指南中向申请人提出的内容。")
        material = self.materials.get(key)
        if target != CorrectionItem.Target.MATERIAL or material is None:
            return _("只能要求补正办事指南中向申请人提出的内容。")
        if key in self.deferred:
            return _("“%(name)s”已选择容缺，受理后在补交期限内提交，不能要求补正。") % {"name": material.name}
        if key not in self.given and not material.required:
            return _("“%(name)s”不是必要材料，申请人没有提交的，不能要求补正。") % {"name": material.name}
        if key in self.held:
            return _("申请人持有有效的电子证照，不能再要求提交“%(name)s”，请直接查验。") % {"name": material.name}
        return ""


def _held(case: Application, asked: Any) -> set[str]:
    types = {m.words["certificate_type"]: m.key for m in asked if m.words.get("certificate_type")}
    if not types:
        return set()
    valid = Q(valid_until=None) | Q(valid_until__gte=timezone.localdate())
    rows = Certificate.objects.filter(
        valid, holder_id=case.party_id, type__code__in=types, state=Certificate.State.VALID
    )
    return {types[code] for code in rows.values_list("type__code", flat=True)}
