"""The officers' desk: the queue, one case, one step."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import actions, clock, desk, shown, wizard
from applications.forms import StepForm
from applications.models import Application, case_target
from applications.papers import all_answers
from applications.permissions import may_take
from applications.workflow import STEPS, StepRefused
from support.accounts.access import ActorRequest, audience
from support.calendars.actions import calendar_for
from support.places.models import CASE_ROLES, Role
from support.records import actions as records


@audience("officer", *CASE_ROLES)
def queue(request: ActorRequest) -> HttpResponse:
    now = timezone.now()
    tab = desk.tab_of(request.GET.get("tab", ""))
    number = request.GET.get("number", "").replace("\0", "").strip()[:50]
    rows = desk.listing(request.actor, tab, now, after=request.GET.get("after", ""), number=number)
    cases = rows[: desk.PAGE]
    calendars = {code: calendar_for(code) for code in {case.region_code for case in cases}}
    listed = [
        {
            "case": case,
            "light": desk.light(case, now, calendars[case.region_code]),
            "standing": clock.standing(case, now),
        }
        for case in cases
    ]
    records.write(
        "read.queue",
        actor=request.actor,
        target=f"applications.queue:{tab.key}",
        details={"cases": [case.pk for case in cases]},
        at=now,
    )
    return render(
        request,
        "applications/desk.html",
        {
            "tab": tab,
            "tab_links": _tabs(request, tab, now),
            "rows": listed,
            "number": number,
            "first_url": f"?tab={tab.key}" if request.GET.get("after") else "",
            "next_url": f"?tab={tab.key}&after={desk.key_of(cases[-1], tab)}"
            if len(rows) > desk.PAGE
            else "",
        },
    )


def _tabs(request: ActorRequest, current: desk.Tab, now: dt.datetime) -> list[dict[str, Any]]:
    counts = desk.counts(request.actor, now)
    return [
        {"label": t.label, "url": f"?tab={t.key}", "count": counts[t.key], "current": t.key == current.key}
        for t in desk.TABS
    ]


def _case(request: ActorRequest, uuid: Any) -> Application:
    rows = Application.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("guide", "agency", "matter", "party"), uuid=uuid)


def _screen(request: ActorRequest, case: Application, *, masked: bool = True) -> dict[str, Any]:
    """Everything the case screen shows; the read is recorded, and apart when numbers are shown whole."""
    now = timezone.now()
    verb = "read.case" if masked else "read.numbers"
    records.write(
        verb, actor=request.actor, target=case_target(case), subject_id=case.party_id,
        agency_id=case.agency_id, at=now,
    )  # fmt: skip
    guide = case.guide.said
    pages: dict[str, list[Any]] = {}
    for item in case.materials.select_related("upload"):
        pages.setdefault(item.material_key, []).append(item)
    slots: list[dict[str, Any]] = [{"material": m, "items": pages.get(m.key, [])} for m in guide.uploads]
    every = [item for row in slots for item in row["items"]]
    chosen = request.GET.get("view", "")
    return {
        "case": case,
        "guide": guide,
        "facts": [*shown.facts(case, now), (_("申请人"), case.party.name)],
        "standing": clock.standing(case, now),
        "deemed": clock.lapsed(case, now),
        "light": desk.light(case, now, calendar_for(case.region_code)),
        "clocks": shown.clocks(case, timezone.localdate(now)),
        "masked": masked,
        "sections": wizard.review(guide, all_answers(case), masked=masked),
        "materials": slots,
        "viewed": next((item for item in every if str(item.pk) == chosen), every[0] if every else None),
        "opinions": case.opinions.all(),
        "timeline": shown.timeline(case, now),
        "papers": case.papers.select_related("document"),
        "decision": getattr(case, "decision", None),
        "steps": actions.available(case, request.actor, now=now),
    }


@audience("officer", *CASE_ROLES)
def desk_case(request: ActorRequest, uuid: Any) -> HttpResponse:
    return render(request, "applications/desk_case.html", _screen(request, _case(request, uuid)))


@require_POST
@audience("officer", Role.CLERK, Role.OFFICER, Role.APPROVER)
def desk_numbers(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The case screen once with identity and telephone numbers whole, for whoever must check them."""
    context = _screen(request, _case(request, uuid), masked=False)
    return render(request, "applications/desk_case.html", context)


@require_http_methods(["GET", "POST"])
@audience("officer", *CASE_ROLES)
def desk_step(request: ActorRequest, uuid: Any, name: str) -> HttpResponse:
    """One step: GET shows what it means and asks for its inputs, POST takes it through the door."""
    case = _case(request, uuid)
    step = STEPS.get(name)
    if step is None or not may_take(request.actor, case, step):
        raise Http404
    form = StepForm(step, request.POST or None, initial={"seen": case.revision})
    refusal: StepRefused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.take(
                name, case, actor=request.actor, seen=form.cleaned_data["seen"], at=timezone.now(),
                inputs=form.inputs(),
            )  # fmt: skip
            messages.success(request, _("已办理：%(step)s") % {"step": step.label})
            return redirect("applications:desk_case", case.uuid)
        except StepRefused as error:
            refusal = error
            case = _case(request, uuid)
    context = _screen(request, case) | {"step": step, "form": form, "refusal": refusal}
    context["offered"] = step in context["steps"]
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "applications/desk_step.html", context, status=status)
