"""规范检查规则: the table of rules, and which of those from practice bind where."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from matters.checks import RULES, Level
from matters.models import HardenedRule, ReviewingAgency
from support.accounts.access import ActorRequest, audience
from support.places.models import Region, Role
from support.records import actions as records
from support.records.actor import Actor

SOFT = {rule.code for rule in RULES if rule.level is Level.WARNING}


def governed(actor: Actor) -> list[Region]:
    """The regions whose rules the actor sets: those for which an agency reviews at which he is a reviewer."""
    reviewing = ReviewingAgency.objects.filter(agency__in=actor.agencies_with(Role.REVIEWER))
    return list(Region.objects.filter(code__in=reviewing.values("region")).order_by("code"))


@transaction.atomic
def set_hard(code: str, region: Region, *, hard: bool, actor: Actor, now: dt.datetime) -> None:
    """Make a rule of practice an error for a region, or a warning again. Raises PermissionDenied, ValueError."""
    if region not in governed(actor):
        raise PermissionDenied(_("您的岗位不能设定该地区的规则。"))
    if code not in SOFT:
        raise ValueError(code)
    if hard:
        _row, changed = HardenedRule.objects.get_or_create(
            region=region, code=code, defaults={"by_id": actor.person, "at": now}
        )
    else:
        changed = bool(HardenedRule.objects.filter(region=region, code=code).delete()[0])
    if changed:
        records.write(
            "matters.harden" if hard else "matters.soften",
            actor=actor,
            target=f"matters.rule:{code}",
            details={"region": region.code},
            at=now,
        )


@audience("officer", Role.EDITOR, Role.REVIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: ActorRequest) -> HttpResponse:
    """Every rule with its source; who governs a region hardens or softens those of practice."""
    regions = governed(request.actor)
    if request.method == "POST":
        return _set(request, regions)
    rows = HardenedRule.objects.visible_to(request.actor).select_related("region", "by").order_by("region_id")
    hardened: dict[str, list[HardenedRule]] = {}
    for row in rows:
        hardened.setdefault(row.code, []).append(row)
    context = {
        "rows": [_line(rule, hardened.get(rule.code, []), regions) for rule in RULES],
    }
    return render(request, "catalogue/compare_rules.html", context)


def _line(rule: Any, hardened: list[HardenedRule], regions: list[Region]) -> dict[str, Any]:
    there = {row.region_id for row in hardened}
    return {
        "rule": rule,
        "soft": rule.code in SOFT,
        "hardened": hardened,
        "choices": [(region, region.code in there) for region in regions] if rule.code in SOFT else [],
    }


def _set(request: ActorRequest, regions: list[Region]) -> HttpResponse:
    code, wanted = request.POST.get("code", ""), request.POST.get("hard", "")
    region = next((each for each in regions if each.code == request.POST.get("region")), None)
    if region is None:
        raise PermissionDenied(_("您的岗位不能设定该地区的规则。"))
    if code not in SOFT or wanted not in ("0", "1"):
        messages.error(request, _("没有这样的规则可以设定，请在表中选择。"))
        return redirect("catalogue:rules")
    set_hard(code, region, hard=wanted == "1", actor=request.actor, now=timezone.now())
    told = (
        _("%(code)s 在%(region)s已改为必须遵守。")
        if wanted == "1"
        else _("%(code)s 在%(region)s已改回提示。")
    )
    messages.success(request, told % {"code": code, "region": region.name})
    return redirect("catalogue:rules")
