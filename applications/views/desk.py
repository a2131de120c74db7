"""The officers' desk: the queue, one case, one step."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import actions, clock, delivery, desk, effects, lights, regimes, shown, wizard
from applications.filters import DeskFilter
from applications.models import Application, State, case_target
from applications.papers import all_answers
from applications.permissions import may_take
from applications.step_forms import step_form
from applications.workflow import STEPS, StepRefused
from support.accounts.access import ActorRequest, audience
from support.calendars.actions import calendar_for
from support.documents import actions as documents
from support.notices.actions import for_case
from support.notices.words import row
from support.places.models import CASE_ROLES, Role
from support.records import actions as records

# --- the queue ----------------------------------------------------------------------------------------


@audience("officer", *CASE_ROLES)
def queue(request: ActorRequest) -> HttpResponse:
    """One page of one tab; conditions and places that are not understood are named and left out."""
    now = timezone.now()
    asked = DeskFilter(request.GET.dict(), actor=request.actor)
    tab, wish = asked.current, asked.wish
    after, before = (desk.Place.parse(request.GET.get(name, "")) for name in ("after", "before"))
    page = desk.listing(request.actor, tab, now, wish, after=after, before=before)
    records.write(
        "read.queue", actor=request.actor, target=f"applications.queue:{tab.key}",
        details={"cases": [case.pk for case in page.cases]}, at=now,
    )  # fmt: skip
    counts = desk.counts(request.actor, now, wish)
    ignored = asked.ignored
    if not (after or before) and (request.GET.get("after") or request.GET.get("before")):
        ignored = [*ignored, _("翻页位置")]
    context = {
        "tab": tab,
        "takes_in": bool(request.actor.agencies_with(Role.CLERK)),
        "tab_links": [
            {"label": t.label, "url": asked.address(tab=t.key), "count": counts[t.key], "current": t == tab}
            for t in desk.TABS
        ],
        "rows": _rows(request, page, asked, now),
        "filter": asked,
        "narrowed": asked.asked,
        "clear_url": f"?tab={tab.key}",
        "ignored": _("、").join(ignored),
        "previous_url": asked.address(before=page.previous) if page.previous else "",
        "next_url": asked.address(after=page.next) if page.next else "",
        "empty_words": _empty_words(asked),
    }
    return render(request, "applications/desk.html", context)


def _rows(
    request: ActorRequest, page: desk.Page, asked: DeskFilter, now: dt.datetime
) -> list[dict[str, Any]]:
    calendars = {code: calendar_for(code) for code in {case.region_code for case in page.cases}}
    rows = []
    for case in page.cases:
        query = asked.address(at=desk.place(case, asked.current, now))
        url = reverse("applications:desk_case", args=[case.uuid]) + query
        offers = desk.offers(case, request.actor, now)
        label, action = _("查看"), url
        if offers and not offers[0].decides:
            label = str(offers[0].label)
            action = reverse("applications:desk_step", args=[case.uuid, offers[0].name]) + query
        elif offers:
            label = _("作出决定")
        light = lights.light(case, now, calendars[case.region_code])
        standing = shown.standing(case, now)
        rows.append(
            {"case": case, "url": url, "light": light, "standing": standing, "label": label, "action": action}
        )
    return rows


def _empty_words(asked: DeskFilter) -> str:
    return _("换个条件，或者清除筛选再看。") if asked.asked else _("有办件到了这一步，会列在这里。")


@audience("officer", *CASE_ROLES)
def repealed(request: ActorRequest) -> HttpResponse:
    """The running cases whose basis was repealed: each waits for a written, reasoned decision."""
    now = timezone.now()
    page = Paginator(effects.to_be_ended(request.actor, now), desk.PAGE).get_page(request.GET.get("page"))
    records.write(
        "read.queue", actor=request.actor, target="applications.queue:repealed",
        details={"cases": [case.pk for case in page]}, at=now,
    )  # fmt: skip
    context = {
        "page": page,
        "rows": [{"case": case, "standing": shown.standing(case, now)} for case in page],
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "applications/repealed.html", context)


# --- one case -----------------------------------------------------------------------------------------


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
    opinions = list(case.opinions.all())
    taken = [
        (step, actions.objection(step, case, request.actor, now))
        for step in actions.available(case, request.actor, now=now)
    ]
    context = {
        "case": case,
        "guide": guide,
        "facts": [
            *shown.facts(case, now),
            (_("申请人"), case.party.name),
            (_("来源"), case.get_channel_display()),
        ],
        "standing": shown.standing(case, now),
        "deemed": clock.lapsed(case, now),
        "light": lights.light(case, now, calendar_for(case.region_code)),
        "light_why": lights.why(case, now),
        "clocks": shown.clocks(case, timezone.localdate(now)),
        "procedures": shown.procedures(case, timezone.localdate(now)),
        "masked": masked,
        "sections": wizard.review(guide, all_answers(case), masked=masked, situations=case.situations),
        "opinions": opinions,
        "timeline": shown.timeline(case, now),
        "service": delivery.panel(case, request.actor),
        "may_retry": _may_retry(request, case),
        "deliveries": [row(delivery) for delivery in for_case(case.number, request.actor)],
        "decision": getattr(case, "decision", None),
        "correction": shown.correction(case),
        "deferral": shown.deferral(case, now),
        **_at_window(request, case),
        "waiting": shown.waiting(case, now, reviewed=bool(opinions)),
        "steps": [step for step, objection in taken if not objection],
        "relief": effects.relief(case, now),
        "objections": list(dict.fromkeys(words for step, words in taken if words and not (step.listed or step.aside))),
    }
    return context | _queue_of(request, case, now) | _viewer(request, case)


def _at_window(request: ActorRequest, case: Application) -> dict[str, str]:
    """The way to hand in a correction, or deferred materials, for the applicant who stands at the window."""
    if not request.actor.holds(Role.CLERK, case.agency_id):
        return {}
    if case.state == State.IN_REVIEW and case.deferred_open:
        url = reverse("applications:desk_deferred", args=[case.uuid])
        return {"defer_url": url, "defer_words": _("申请人到窗口补交")}
    if case.state != State.CORRECTING:
        return {}
    url = reverse("applications:desk_correction", args=[case.uuid])
    return {"answer_url": url, "answer_words": _("申请人到窗口补正")}


def _queue_of(request: ActorRequest, case: Application, now: dt.datetime) -> dict[str, Any]:
    """The way back to the list from which the officer came, and to the cases beside this one."""
    if "tab" not in request.GET:
        return {"query": "", "queue_url": reverse("applications:desk")}
    asked = DeskFilter(request.GET.dict(), actor=request.actor)
    here = desk.Place.parse(request.GET.get("at", "")) or desk.place(case, asked.current, now)
    beside = desk.neighbours(request.actor, asked.current, now, asked.wish, here)
    urls = [
        reverse("applications:desk_case", args=[other.uuid])
        + asked.address(at=desk.place(other, asked.current, now))
        if other
        else ""
        for other in beside
    ]
    return {
        "query": asked.address(at=here),
        "queue_url": reverse("applications:desk") + asked.address(),
        "queue_tab": asked.current,
        "previous_case_url": urls[0],
        "next_case_url": urls[1],
    }


def _viewer(request: ActorRequest, case: Application) -> dict[str, Any]:
    """The materials of the guide with the pages handed in, and the page that is looked at."""
    pages: dict[str, list[Any]] = {}
    for item in case.materials.select_related("upload"):
        pages.setdefault(item.material_key, []).append(item)
    sheets = {row.material_key: row for row in case.sheets.all()}
    at_window = case.channel == Application.Channel.COUNTER
    asked = wizard.asked_for(case.guide.said, case.situations, at_window=at_window)
    slots: list[dict[str, Any]] = [
        {"material": m, "items": pages.get(m.key, []), "sheets": sheets.get(m.key)} for m in asked
    ]
    every = [item for row in slots for item in row["items"]]
    for item in every:
        item.url = _address(request, case, view=item.pk) + "#viewer"
    chosen = request.GET.get("view", "")
    place = next((n for n, item in enumerate(every) if str(item.pk) == chosen), 0)
    return {
        "materials": slots,
        "viewed": every[place] if every else None,
        "page_number": place + 1,
        "page_total": len(every),
        "previous_page": every[place - 1] if place else None,
        "next_page": every[place + 1] if place + 1 < len(every) else None,
    }


def _address(request: ActorRequest, case: Application, **changed: Any) -> str:
    """The address of the case screen with the query of this request and some of it changed."""
    query = {**request.GET.dict(), **changed}
    return reverse("applications:desk_case", args=[case.uuid]) + (f"?{urlencode(query)}" if query else "")


@audience("officer", *CASE_ROLES)
def desk_case(request: ActorRequest, uuid: Any) -> HttpResponse:
    """A case as its officers work on it, and as supervisors read it."""
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
    if name not in STEPS or not may_take(request.actor, case, STEPS[name]):
        raise Http404
    step = regimes.step(name, case.guide.guide)
    form = step_form(step, case, request.POST or None, initial={"seen": case.revision})
    refusal: StepRefused | None = None
    if request.method == "POST" and form.is_valid():
        query = _queue_of(request, case, timezone.now())["query"]  # where the case stood before the step
        try:
            actions.take(
                name, case, actor=request.actor, seen=form.cleaned_data["seen"], at=timezone.now(),
                inputs=form.inputs(),
            )  # fmt: skip
            messages.success(request, _("已办理：%(step)s") % {"step": step.label})
            return redirect(reverse("applications:desk_case", args=[case.uuid]) + query)
        except StepRefused as error:
            refusal = error
            case = _case(request, uuid)
    context = _screen(request, case) | {"step": step, "form": form, "refusal": refusal}
    context["offered"] = step in context["steps"]
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "applications/desk_step.html", context, status=status)


# --- papers that could not be made --------------------------------------------------------------------


def _may_retry(request: ActorRequest, case: Application) -> bool:
    return any(request.actor.holds(role, case.agency_id) for role in (Role.CLERK, Role.APPROVER))


@require_POST
@audience("officer", Role.CLERK, Role.APPROVER)
def desk_retry(request: ActorRequest, uuid: Any, paper: Any) -> HttpResponse:
    """Have a paper or certificate of the case made again after every attempt has failed."""
    case = _case(request, uuid)
    if not _may_retry(request, case):
        raise PermissionDenied(_("您的岗位没有此项权限。"))
    document = next((row.document for row in delivery.papers_of(case) if row.document.uuid == paper), None)
    if document is None:
        raise Http404
    if documents.retry(document, actor=request.actor, now=timezone.now()):
        messages.success(request, _("“%(paper)s”已重新安排制作。") % {"paper": document.title})
    else:
        messages.info(
            request, _("“%(paper)s”正在制作或者已经制成，不需要重新安排。") % {"paper": document.title}
        )
    return redirect(_address(request, case) + "#papers")
