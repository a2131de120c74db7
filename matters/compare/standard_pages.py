"""标准: the pages on which departments of the province propose, try and put in force how a matter is handled."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from matters.compare import standards as acts
from matters.compare.standards import StandardRefused, may_decide, proposers
from matters.models import GuideVersion, Standard, StandardReview
from support.accounts.access import ActorRequest, audience
from support.places.models import Region, Role

PER_PAGE = 20
LONGEST = 2000  # characters of an opinion
LAST_DAY = dt.date(2999, 12, 31)
State = Standard.State
# How a trial goes, counted by an app above and given with the address (portal.urls).
Count = Callable[[Standard, dt.datetime], tuple[Any, Any]] | None


class TrialForm(forms.Form):
    """Where and from when to when (days included) a standard is tried."""

    regions = forms.ModelMultipleChoiceField(
        Region.objects.none(), label=gettext_lazy("试点地区"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请选择至少一个试点地区。")},
    )  # fmt: skip
    starts_on = forms.DateField(
        label=gettext_lazy("开始日期"), widget=forms.DateInput(attrs={"type": "date"})
    )
    ends_on = forms.DateField(label=gettext_lazy("结束日期"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        low, high = region.subtree()
        inside = Region.objects.filter(code__range=(low, high), level__gt=region.level, level__lte=4)
        self.fields["regions"].queryset = inside.order_by("code")  # type: ignore[attr-defined]


@audience("officer", Role.EDITOR, Role.REVIEWER)
@require_safe
def standards(request: ActorRequest) -> HttpResponse:
    """Every standard the actor may see, the newest first."""
    rows = (
        Standard.objects.visible_to(request.actor)
        .select_related("directory", "agency")
        .order_by("-made_at", "-pk")
    )
    page = Paginator(rows.defer("document"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": page.object_list,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "catalogue/compare_standards.html", context)


@audience("officer", Role.EDITOR)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: ActorRequest, uuid: UUID, number: int) -> HttpResponse:
    """Ask once more, then propose a published guide as the standard of its entry."""
    now = timezone.now()
    rows = (
        GuideVersion.objects.visible_to(request.actor)
        .begun(now)
        .select_related("matter__directory", "matter__agency")
    )
    version = get_object_or_404(rows, matter__uuid=uuid, version=number)
    departments = proposers(request.actor)
    if request.method == "POST" and departments:
        try:
            made = acts.propose(version, departments[0], actor=request.actor, now=now)
        except StandardRefused as refused:
            messages.error(request, str(refused))
            return redirect("catalogue:standards")
        return redirect("catalogue:standard", made.uuid)
    return render(
        request,
        "catalogue/compare_propose.html",
        {"version": version, "department": next(iter(departments), None)},
    )


@audience("officer", Role.EDITOR, Role.REVIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def standard(request: ActorRequest, uuid: UUID, figures: Count = None) -> HttpResponse:
    """One standard: its reviews, its trial with figures, and the next step for whoever may take it."""
    rows = Standard.objects.visible_to(request.actor).select_related("directory", "agency__region", "made_by")
    found = get_object_or_404(rows, uuid=uuid)
    now = timezone.now()
    form = TrialForm(request.POST if request.POST.get("act") == "trial" else None, region=found.agency.region)
    if request.method == "POST":
        try:
            if _taken(request, found, form, now):
                return redirect("catalogue:standard", found.uuid)
        except StandardRefused as refused:
            messages.error(request, str(refused))
    reviews = list(found.reviews.select_related("agency", "by").order_by("agency_id"))
    mine = request.actor.agencies_with(Role.REVIEWER)
    context = {
        "standard": found,
        "reviews": reviews,
        "asked": [each for each in reviews if each.outcome is None and each.agency_id in mine]
        if found.state == State.REVIEW and found.made_by_id != request.actor.user_id
        else [],
        "decides": may_decide(request.actor, found),
        "form": form,
        "regions": list(found.regions.order_by("code")),
        "figures": _table(figures(found, now))
        if figures and found.starts_at and found.starts_at <= now
        else [],
        "typed": request.POST,
    }
    return render(request, "catalogue/compare_standard.html", context)


def _taken(request: ActorRequest, found: Standard, form: TrialForm, now: dt.datetime) -> bool:
    """Take the step that was asked for; False if the form has to be mended first."""
    act, words = request.POST.get("act", ""), request.POST.get("words", "").replace("\0", "")[:LONGEST]
    if act in StandardReview.Outcome.values:
        wanted = request.POST.get("agency", "")
        asked = next(
            (r for r in found.reviews.select_related("agency") if str(r.agency.uuid) == wanted), None
        )
        if asked is None:
            raise StandardRefused(_("没有请该部门审核。"))
        acts.review(found, asked.agency, act, comment=words, actor=request.actor, now=now)
    elif act == "trial":
        if not form.is_valid():
            return False
        first, last = form.cleaned_data["starts_on"], form.cleaned_data["ends_on"]
        acts.try_out(
            found, list(form.cleaned_data["regions"]), starts_at=_midnight(first),
            ends_at=_midnight(min(last, LAST_DAY) + dt.timedelta(days=1)), actor=request.actor, now=now,
        )  # fmt: skip
    elif act == "in_force":
        acts.put_in_force(found, actor=request.actor, now=now)
    elif act == "end":
        acts.end(found, words, actor=request.actor, now=now)
    else:
        raise StandardRefused(_("没有这一步，请用页面上的按钮。"))
    return True


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _table(found: tuple[Any, Any]) -> list[tuple[str, Any, Any]]:
    names = {"closed": _("办结件数"), "days": _("平均办理工作日"), "stars": _("平均评价（5 为最好）")}
    rows = [(name, *(getattr(side, key) for side in found)) for key, name in names.items()]
    return [row for row in rows if row[1] is not None or row[2] is not None]
