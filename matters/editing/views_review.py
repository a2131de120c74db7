"""送审, 撤回, 放弃; the review of a draft by the departments; 发布."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from matters.actions import GuideRefused
from matters.editing import actions as editing
from matters.editing import places
from matters.editing.actions import DraftRefused, StaleDraft
from matters.editing.forms import TimesForm
from matters.editing.panels import panel
from matters.editing.views import as_published, draft_of, seen_of, shown
from matters.models import GuideDraft, GuideReview, Matter
from matters.permissions import may_edit, may_publish
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role

METHODS = ["GET", "HEAD", "POST"]
State = GuideDraft.State
# What an app above knows of running cases and drafts, given with the address (portal.urls): pairs of words.
Affected = Callable[[Matter], list[tuple[str, str]]] | None


# --- by editors ----------------------------------------------------------------------------------


@audience("officer", Role.EDITOR)
@require_http_methods(METHODS)
def submit(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """送审: when it is to take effect, and who is asked."""
    draft = _own(request, uuid)
    form = TimesForm(request.POST) if request.method == "POST" else TimesForm.of(
        draft.starts_at, draft.ends_at, draft.revision
    )  # fmt: skip
    words, broken = "", []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            editing.submit(
                draft,
                seen=given["seen"],
                actor=request.actor,
                now=timezone.now(),
                starts_at=given["starts_at"],
                ends_at=given["ends_at"],
            )
        except DraftRefused as refused:
            words, broken = str(refused), places.spread(refused.problems)
            if not broken:
                form.add_error(None, words)
        else:
            messages.success(request, _("已送审。各部门同时审核。"))
            return redirect("catalogue:draft", draft.uuid)
    context = {
        "draft": draft,
        "form": form,
        "refused": words,
        "panel": panel(draft.matter.agency),
        "problems": [
            (p.message, places.words_of(draft.document, p.path), places.address_of(draft, p.path))
            for p in broken
        ],
    }
    return render(request, "catalogue/submit.html", context, status=422 if words or form.errors else 200)


@audience("officer", Role.EDITOR)
@require_http_methods(METHODS)
def take_back(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """撤回送审, asked once more before it is done."""
    draft = _own(request, uuid)
    words = {
        "title": _("撤回送审？"),
        "words": _("撤回后可以修改，改好需要重新送审，已有的审核意见留存。"),
        "action_label": _("撤回送审"),
    }
    return _after_asking(request, draft, words, editing.take_back, _("已撤回，可以修改。"))


@audience("officer", Role.EDITOR)
@require_http_methods(METHODS)
def drop(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """放弃, asked once more before it is done."""
    draft = _own(request, uuid)
    words = {
        "title": _("放弃这份草稿？"),
        "words": _("草稿中的内容不再能编辑。已公布的办事指南不受影响。"),
        "action_label": _("放弃草稿"),
        "danger": True,
    }
    return _after_asking(request, draft, words, editing.drop, _("已放弃。"))


def _own(request: ActorRequest, uuid: UUID) -> GuideDraft:
    draft = draft_of(request, uuid)
    if not may_edit(request.actor, draft.matter):
        raise PermissionDenied(_("您不是该机关的事项编辑。"))
    return draft


def _after_asking(
    request: ActorRequest, draft: GuideDraft, words: dict[str, Any], step: Callable[..., Any], done: str
) -> HttpResponse:
    back = places.draft_address(draft)
    if request.method != "POST":
        asked = words | {"back_url": back, "hidden": [("seen", draft.revision)]}
        return render(request, "components/confirm.html", asked)
    try:
        step(draft, seen=seen_of(request), actor=request.actor, now=timezone.now())
    except DraftRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(back)


# --- by departments ------------------------------------------------------------------------------


class ReviewForm(forms.Form):
    """One department's opinion."""

    seen = forms.IntegerField(widget=forms.HiddenInput)
    agency = forms.ChoiceField(label=gettext_lazy("代表部门"), widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=gettext_lazy("审核结论"),
        choices=GuideReview.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择审核结论")},
    )
    comment = forms.CharField(
        label=gettext_lazy("审核意见"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("退回的，请写明原因和修改要求。"),
    )

    def __init__(self, agencies: list[Agency], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        field.choices = [(str(a.pk), a.name) for a in agencies]  # type: ignore[attr-defined]
        self.initial.setdefault("agency", str(agencies[0].pk) if agencies else "")
        if len(agencies) > 1:
            field.widget = forms.RadioSelect(choices=field.choices)  # type: ignore[attr-defined]


@audience("officer", Role.REVIEWER)
@require_http_methods(METHODS)
def review(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """The whole guide as it would be published, and 同意 or 退回 with words."""
    draft = draft_of(request, uuid)
    mine = draft.reviews.filter(round=draft.round, agency__in=request.actor.agencies_with(Role.REVIEWER))
    agencies = [each.agency for each in mine.filter(outcome=None).select_related("agency")]
    if draft.state != State.REVIEW or not agencies:
        messages.info(request, _("这份草稿现在不需要您审核。"))
        return redirect("catalogue:draft", draft.uuid)
    form = ReviewForm(agencies, request.POST or None, initial={"seen": draft.revision})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        agency = next(a for a in agencies if str(a.pk) == given["agency"])
        try:
            editing.review(
                draft,
                agency,
                given["outcome"],
                comment=given["comment"],
                seen=given["seen"],
                actor=request.actor,
                now=timezone.now(),
            )
        except StaleDraft:
            form.add_error(None, _("草稿或者其他部门的意见刚刚有变化。请核对最新内容后再提交。"))
            draft = draft_of(request, uuid)
        except DraftRefused as refused:
            form.add_error(
                "comment" if given["outcome"] == GuideReview.Outcome.RETURNED else None, str(refused)
            )
        else:
            messages.success(request, _("审核意见已提交。"))
            return redirect("catalogue:home")
    version = as_published(draft)
    context = {"form": form, "agencies": agencies, "diff_url": places.diff_address(draft)}
    if version is None:
        return render(request, "catalogue/no_preview.html", {"draft": draft, "problems": []})
    context |= shown(request, draft, version)
    return render(request, "catalogue/review.html", context, status=422 if form.errors else 200)


# --- publishing ----------------------------------------------------------------------------------


@audience("officer", Role.REVIEWER)
@require_http_methods(METHODS)
def publish(request: ActorRequest, uuid: UUID, affected: Affected = None) -> HttpResponse:
    """What publishing does, and doing it."""
    draft = draft_of(request, uuid)
    if not may_publish(request.actor, draft.matter):
        raise PermissionDenied(_("您的岗位不能发布该机关的办事指南。"))
    words, broken = "", []
    if request.method == "POST":
        try:
            version = editing.publish(draft, seen=seen_of(request), actor=request.actor, now=timezone.now())
        except (DraftRefused, GuideRefused) as refused:
            words = str(refused) if isinstance(refused, DraftRefused) else _("还不能发布。")
            broken = places.spread(refused.problems)
        else:
            since = date_format(timezone.localtime(version.validity.lower), "DATETIME_FORMAT")
            said = {"n": version.version, "since": since}
            messages.success(request, _("第 %(n)s 版已发布，自 %(since)s 起生效。") % said)
            return redirect("catalogue:draft", draft.uuid)
    elif draft.state != State.APPROVED:
        messages.info(request, _("审核通过后才能发布。"))
        return redirect("catalogue:draft", draft.uuid)
    context = {
        "draft": draft,
        "rows": _effects(draft, affected),
        "words": words,
        "problems": [
            (p.message, places.words_of(draft.document, p.path), places.address_of(draft, p.path))
            for p in broken
        ],
        "reviews": draft.reviews.filter(round=draft.round).select_related("agency", "by"),
        "diff_url": places.diff_address(draft),
    }
    return render(request, "catalogue/publish.html", context, status=422 if words else 200)


def _effects(draft: GuideDraft, affected: Affected) -> list[dict[str, str]]:
    """When the version begins and ends, what it replaces, and what is under way."""
    now = timezone.now()
    starts = max(draft.starts_at, now) if draft.starts_at else None
    rows = [
        (_("生效时间"), _moment(starts) if starts and starts > now else _("发布后立即生效")),
        (_("失效时间"), _moment(draft.ends_at) if draft.ends_at else _("长期有效，直到新版本生效")),
    ]
    current = Q(validity__contains=starts or now)
    replaced = draft.matter.versions.filter(current).values_list("version", flat=True).first()
    rows.append(
        (_("替换的版本"), _("第 %(n)s 版") % {"n": replaced} if replaced else _("无，这是第一次公布"))
    )
    rows += affected(draft.matter) if affected else []
    return [{"label": label, "value": value} for label, value in rows]


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
