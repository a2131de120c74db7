"""Applying: start page, one page per step, materials, check, submit."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import counter, delivery, drafts, filing, interrupted, questions, wizard
from applications.clock import forecast, silence_rule
from applications.forms import DeliveryForm
from applications.models import Application, Draft
from applications.permissions import serves
from applications.views import materials
from applications.views import situations as situations_page
from matters.forms import step_form
from matters.guides import Guide
from matters.models import GuideVersion, Matter
from matters.situations import PLACE, PREFIX, complete, in_words, understood
from support.accounts.access import ActorRequest, audience
from support.accounts.window import has_account


def _draft(request: ActorRequest, uuid: Any) -> Draft:
    rows = Draft.objects.visible_to(request.actor).live(timezone.now())
    return get_object_or_404(rows.select_related("guide", "matter__agency"), uuid=uuid)


@audience("applicant")
def apply(request: ActorRequest, uuid: Any) -> HttpResponse:
    """What will be asked, before anything is typed; POST begins or goes on with the draft."""
    now = timezone.now()
    matter = get_object_or_404(Matter.objects.select_related("agency"), uuid=uuid)
    version = GuideVersion.objects.open_at(now).filter(matter=matter).first()
    if version is None:
        raise Http404(_("此事项目前不开放申请。"))
    guide = version.said
    actor = request.actor
    if actor.party_id is None:
        messages.warning(request, _("请先补全您的实名信息，再开始办理。"))
        return redirect("accounts:profile")
    if not serves(guide, actor):
        return render(
            request, "applications/not_for_you.html", {"guide": guide, "matter": matter}, status=403
        )
    choices = understood(guide, request.GET.dict(), prefix=PREFIX)
    if request.method == "POST":
        draft = drafts.start(matter, version, actor=actor, now=now, choices=choices)
        return redirect("applications:draft", draft.uuid, wizard.first_open(wizard.pages(guide, draft)))
    started = Draft.objects.visible_to(actor).live(now).filter(matter=matter).first()
    return render(
        request,
        "applications/apply.html",
        {
            "matter": matter,
            "guide": guide,
            "draft": started,
            "pages": wizard.pages(guide),
            "uploads": guide.uploads_for(choices),
            "chosen": in_words(guide, choices),
            "silence_rule": silence_rule(guide),
            "dates": forecast(
                guide, received_on=timezone.localdate(now), region_code=matter.agency.region_id
            ),
        },
    )


@interrupted.keeps_typed
@audience("applicant")
def draft_page(request: ActorRequest, uuid: Any, page: str, question: str = "") -> HttpResponse:
    """One page of the wizard, by its key, or in 长辈版 one question of it. A draft already submitted leads to
    its confirmation."""
    filed = Application.objects.visible_to(request.actor).filter(key=str(uuid)).first()
    if filed:
        return redirect("applications:submitted", filed.uuid)
    return wizard_page(request, _draft(request, uuid), page, question)


def wizard_page(request: ActorRequest, draft: Draft, page: str, question: str = "") -> HttpResponse:
    """One page for a draft that this actor may fill in: the applicant's own, or that of a window."""
    version = GuideVersion.objects.open_at(timezone.now()).filter(matter=draft.matter).first()
    if version and version.pk != draft.guide_id:
        draft = drafts.renew(draft, version)
        messages.info(request, _("办事指南已更新。您填写的内容还在，请从头核对一遍有变化的地方。"))
        page = wizard.first_open(wizard.pages(version.guide, draft))
        return redirect(draft.route, draft.uuid, page)
    guide = draft.guide.said
    if page == wizard.MATERIALS and not complete(guide, draft.situations):
        messages.info(request, _("请先选择您的情形，再上传材料。"))
        return redirect(draft.route, draft.uuid, wizard.SITUATIONS)
    all_pages = wizard.pages(guide, draft, current=page)
    if page not in {p.key for p in all_pages}:
        if page == wizard.MATERIALS:  # none are asked for in this situation
            return redirect(draft.route, draft.uuid, wizard.CHECK)
        raise Http404
    places = [(p.key, "") for p in all_pages]
    if question or (request.method == "GET" or page == wizard.CHECK) and questions.one_by_one(request, draft):
        places = questions.trail(guide, all_pages, drafts.read_answers(draft), draft.situations)
    if moved := questions.elsewhere(request, draft, all_pages, places, (page, question)):
        return redirect(moved)
    before, after = wizard.neighbours(all_pages, page)
    context = {
        "draft": draft, "guide": guide, "matter": draft.matter, "pages": all_pages, "before": before,
        "after": after, "page": page, "titles": [p.title for p in all_pages],
        "step_no": [p.key for p in all_pages].index(page) + 1, "question": question, "places": places,
        "before_url": questions.preceding(draft, places, (page, question)),
        "after_url": questions.following(request, draft, places, (page, question)),
        "number": sum(p == page for p, _key in places[: places.index((page, question))]) + 1,
        "count": sum(p == page for p, _key in places),
    }  # fmt: skip
    if page == wizard.SITUATIONS:
        return situations_page.page(request, draft, context)
    if page == wizard.MATERIALS:
        return materials.page(request, draft, context)
    if page == wizard.CHECK:
        return _check(request, draft, context)
    return _form(request, draft, page, context)


def _form(request: ActorRequest, draft: Draft, page: str, context: dict[str, Any]) -> HttpResponse:
    guide, answers = draft.guide.said, drafts.read_answers(draft)
    typed: QueryDict | None = request.POST if request.method == "POST" else interrupted.recall(request)
    question = context["question"]
    form = step_form(guide, page, data=typed, initial=answers, lang=get_language(), only=question)
    for key, made in form.fields.items():  # who applies is known, not typed: browsers send nothing for these
        made.disabled = key in answers and guide.field(key).prefill in filing.OWN
    if request.method == "POST":
        valid = form.is_valid() and not form.reshaped
        values = form.to_json()
        emptied = form.definitions.keys() - values.keys() - form.errors.keys()
        answers = {key: value for key, value in answers.items() if key not in emptied} | values
        done = valid and (not question or questions.completes(guide, draft, (page, question), answers))
        drafts.save_step(draft, page, values, done=done, now=timezone.now(), emptied=emptied)
        if request.headers.get("X-Requested-With") == "autosave":
            return HttpResponse(_("%(time)s 已自动保存。草稿保留 30 天。") % {"time": f"{timezone.localtime():%H:%M}"})
        if request.POST.get("action") == "exit":
            return materials.leave(request, draft)
        if valid:
            return redirect(_onward(request, draft, answers, context))
        if form.reshaped:
            form.forgive()
    elif typed is not None:
        messages.info(request, _("已恢复您登录前填写的内容，请核对后继续。"))
    known = {key for key in form.fields if key in answers and guide.field(key).prefill}
    source = _("来自您的账户资料，请核对。") if draft.agency_id is None else _("来自登记的申请人信息，请核对。")
    rows = [
        {
            "field": field,
            "source": source if field.name in known else "",
            "show_if": getattr(field.field, "show_if", None),
        }
        for field in form
    ]
    context |= {"form": form, "step": form.step, "rows": rows}
    return render(request, "applications/draft_form.html", context, status=422 if form.errors else 200)


def _onward(request: ActorRequest, draft: Draft, answers: dict[str, Any], context: dict[str, Any]) -> str:
    """Back to the check page when an answer was changed from there. What is asked next hangs on the answers."""
    if not context["question"]:
        return str(context["after_url"])
    guide = draft.guide.guide
    places = questions.trail(guide, context["pages"], answers, draft.situations)
    here = (context["page"], context["question"])
    return questions.following(request, draft, places, here, questions.unanswered(guide, answers))


def _check(request: ActorRequest, draft: Draft, context: dict[str, Any]) -> HttpResponse:
    """Everything once more with links to change it, and the one submit button."""
    guide, answers = draft.guide.said, drafts.read_answers(draft)
    errors: dict[str, list[str]] = {}
    at_window = counter.at_window(draft)
    own = {"delivery_address": at_window.address if at_window else delivery.party_address(draft.party_id)}
    form = DeliveryForm(request.POST if request.method == "POST" else None, initial=own)
    if at_window and not has_account(draft.party):
        form.without_account()
    if request.method == "POST":
        if request.POST.get("declare") != "yes":
            errors = {"declare": [_undeclared(draft)]}
        if form.is_valid() and not errors:
            try:
                case = filing.submit_draft(
                    draft, actor=request.actor, now=timezone.now(), wish=form.wish(), seen=_seen(request)
                )
                name = "applications:intake_done" if at_window else "applications:submitted"
                return redirect(name, case.uuid)
            except filing.FilingRefused as refusal:
                errors = refusal.errors
    held, sheets = materials.held(draft), counter.sheets_of(draft)
    wanted, names = wizard.asked_of(draft, guide), {m.key: m.name for m in guide.materials}
    sections = wizard.review(guide, answers, masked=False, situations=draft.situations)
    for row in (row for section in sections for row in section["rows"] if "key" in row):
        row["url"] = questions.where(draft, context["places"], row["key"])
    context |= {
        "sections": sections,
        "one_by_one": questions.one_by_one(request, draft),
        "materials": [
            {
                "material": m, "items": held.pop(m.key, []), "sheets": sheets.get(m.key),
                "deferred": m.key in draft.deferred,
            }  # fmt: skip
            for m in wanted
        ],
        "spared": [(names.get(key, ""), item) for key, items in held.items() for item in items],
        "shown_situations": {f"{PREFIX}-{key}": value for key, value in draft.situations.items()},
        "window": at_window,
        "file_route": f"{draft.route}_file",
        "errors": [
            {"url": questions.where(draft, context["places"], key) or _where(guide, draft, key), "words": word}
            for key, words in errors.items()
            for word in words
        ],
        "form": form,
        "declared": request.POST.get("declare") == "yes",
        "declare_errors": errors.get("declare"),
        "silence_rule": silence_rule(guide),
        "dates": forecast(guide, received_on=timezone.localdate(), region_code=draft.matter.agency.region_id),
    }
    status = 422 if errors or form.errors else 200
    return render(request, "applications/draft_check.html", context, status=status)


def _seen(request: ActorRequest) -> dict[str, str]:
    """The situation that the check page showed."""
    start = f"{PREFIX}-"
    return {k.removeprefix(start): str(v) for k, v in request.POST.items() if k.startswith(start)}


def _undeclared(draft: Draft) -> str:
    if draft.agency_id is None:
        return _("请先确认声明，再提交。")
    return _("请先读给申请人听或者请申请人核对，签名后再提交。")


def _where(guide: Guide, draft: Draft, key: str) -> str:
    """The address at which an error on the check page can be mended."""
    if key in ("", "declare"):
        return "#declare"
    if key == "delivery":
        return "#id_delivery_0"
    page = wizard.page_of_error(guide, key)
    name = key.removeprefix(f"{PLACE}.")
    place = f"slot-{name}" if page == wizard.MATERIALS else f"id_{name}"
    return f"{reverse(draft.route, args=[draft.uuid, page])}?back={wizard.CHECK}#{place}"


@require_http_methods(["GET", "POST"])
@audience("applicant")
def discard(request: ActorRequest, uuid: Any) -> HttpResponse:
    draft = _draft(request, uuid)
    if request.method == "POST":
        drafts.discard(draft)
        messages.success(request, _("草稿已删除。"))
        return redirect("portal:my")
    return render(request, "applications/draft_discard.html", {"draft": draft, "guide": draft.guide.said})


def _address(case: Application) -> str:
    """Where its progress is told without a login, for the code that others may be shown."""
    return f"{settings.PORTAL_URL}{reverse('applications:progress')}?number={case.number}"


def progress_qr(case: Application) -> SafeString:
    return SafeString(segno.make(_address(case)).svg_inline(omitsize=True))


@audience("applicant")
def submitted(request: ActorRequest, uuid: Any) -> HttpResponse:
    """The confirmation; it can be visited again."""
    case = get_object_or_404(
        Application.objects.visible_to(request.actor).select_related("guide", "agency", "matter"), uuid=uuid
    )
    guide = case.guide.said
    return render(
        request,
        "applications/submitted.html",
        {
            "case": case,
            "guide": guide,
            "papers": delivery.papers_of(case),
            "silence_rule": silence_rule(guide),
            "qr": progress_qr(case),
            "dates": forecast(guide, received_on=case.receipt_day, region_code=case.region_code),
        },
    )
