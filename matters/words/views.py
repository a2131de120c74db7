"""搜索用词: what people call a matter, kept by editors, reviewers and supervisors; beside it, what found nothing."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from matters.models import KEEPERS_OF_WORDS, Synonym, ZeroHit
from matters.scripts import fold
from matters.search import LONGEST_QUERY
from matters.words import actions, misses
from matters.words.forms import WordForm
from support.accounts.access import ActorRequest, audience

PER_PAGE = 20


@audience("officer", *KEEPERS_OF_WORDS)
@require_safe
def words(request: ActorRequest) -> HttpResponse:
    """The synonyms, those with a word in them if one is looked for; and the terms that found nothing."""
    q = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    rows = Synonym.objects.visible_to(request.actor).in_use().order_by("term")
    if folded := fold(q):
        rows = rows.filter(Q(term__contains=folded) | Q(expands_to__contains=[folded]))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))

    def address(number: int) -> str:
        return "?" + urlencode({"q": q, "page": number} if q else {"page": number})

    context = {
        "q": q,
        "page": page,
        "misses": misses.latest(actor=request.actor, at=timezone.now()),
        "previous_url": address(page.number - 1) if page.has_previous() else "",
        "next_url": address(page.number + 1) if page.has_next() else "",
    }
    return render(request, "catalogue/words.html", context)


@audience("officer", *KEEPERS_OF_WORDS)
@require_http_methods(["GET", "POST"])
def add(request: ActorRequest) -> HttpResponse:
    """Enter a term; `term` in the address fills it in."""
    now = timezone.now()
    first = {"term": request.GET.get("term", "")[:LONGEST_QUERY]}
    form = WordForm(request.POST or None, initial=first, actor=request.actor, now=now)
    if form.is_valid() and _added(request, form):
        return redirect("words:list")
    return _form(request, form, None)


def _added(request: ActorRequest, form: WordForm) -> bool:
    given = form.cleaned_data
    try:
        row = actions.add(given["term"], given["words"], actor=request.actor, now=form.now)
    except actions.Known as known:
        form.add_error("term", _("“%(term)s”已经有了，请在列表里修改它") % {"term": known.row.term})
        return False
    messages.success(request, _("已添加“%(term)s”，立即生效。") % {"term": row.term})
    return True


@audience("officer", *KEEPERS_OF_WORDS)
@require_http_methods(["GET", "POST"])
def edit(request: ActorRequest, pk: int) -> HttpResponse:
    """Change what a term stands for. Who comes second is shown what the first one wrote; nothing typed is lost."""
    rows = Synonym.objects.visible_to(request.actor)
    row = get_object_or_404(rows if request.method == "POST" else rows.in_use(), pk=pk)
    now = timezone.now()
    initial = {"term": row.term, "words": "\n".join(row.expands_to), "revision": row.revision}
    form = WordForm(request.POST or None, initial=initial, actor=request.actor, now=now, fixed=True)
    if form.is_valid():
        given = form.cleaned_data
        try:
            actions.change(pk, given["words"], revision=given["revision"] or 0, actor=request.actor, now=now)
        except actions.Stale as stale:
            row = stale.row
            form = WordForm(
                {**request.POST.dict(), "revision": row.revision},
                initial=initial, actor=request.actor, now=now, fixed=True,
            )  # fmt: skip
            form.add_error("words", _changed_meanwhile(row))
        else:
            messages.success(request, _("已修改“%(term)s”，立即生效。") % {"term": row.term})
            return redirect("words:list")
    return _form(request, form, row)


def _form(request: ActorRequest, form: WordForm, row: Synonym | None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "catalogue/word.html", {"form": form, "row": row}, status=status)


def _changed_meanwhile(row: Synonym) -> str:
    at = date_format(timezone.localtime(row.changed_at), "DATETIME_FORMAT") if row.changed_at else ""
    facts = {"name": row.changed_by, "at": at, "words": _("、").join(row.expands_to)}
    if not row.in_use:
        return _("%(name)s在 %(at)s 删除了这个词，您的修改没有保存。") % facts
    return (
        _("%(name)s在 %(at)s 改过这个词，现在是：%(words)s。您填写的内容还在，核对后可以再次保存。") % facts
    )


@audience("officer", *KEEPERS_OF_WORDS)
@require_http_methods(["GET", "POST"])
def remove(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask, then use the term no longer."""
    row = get_object_or_404(Synonym.objects.visible_to(request.actor).in_use(), pk=pk)
    if request.method == "POST":
        given = request.POST.get("revision", "")
        revision = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1
        try:
            actions.remove(pk, revision=revision, actor=request.actor, now=timezone.now())
        except actions.Stale as stale:
            messages.error(request, _("“%(term)s”刚被别人改过，没有删除。") % {"term": stale.row.term})
        else:
            messages.success(request, _("已删除“%(term)s”。") % {"term": row.term})
        return redirect("words:list")
    context: dict[str, Any] = {
        "title": _("删除“%(term)s”") % {"term": row.term},
        "words": _("删除后，搜索“%(term)s”不再找到：%(words)s。")
        % {"term": row.term, "words": _("、").join(row.expands_to)},
        "action_label": _("删除"),
        "danger": True,
        "back_url": reverse("words:list"),
        "hidden": [("revision", row.revision)],
    }
    return render(request, "components/confirm.html", context)


@audience("officer", *KEEPERS_OF_WORDS)
@require_POST
def adopt(request: ActorRequest, pk: int) -> HttpResponse:
    """Let a term that found nothing stand for the words offered beside it."""
    miss = get_object_or_404(ZeroHit.objects.visible_to(request.actor), pk=pk)
    given = {"term": miss.term, "words": request.POST.get("words", "")}
    form = WordForm(given, actor=request.actor, now=timezone.now())
    if form.is_valid() and _added(request, form):
        return redirect("words:list")
    return _form(request, form, None)


@audience("officer", *KEEPERS_OF_WORDS)
@require_POST
def dismiss(request: ActorRequest, pk: int) -> HttpResponse:
    try:
        term = actions.dismiss(pk, actor=request.actor, now=timezone.now())
    except ZeroHit.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, _("已从记录里去掉“%(term)s”。") % {"term": term})
    return redirect("words:list")
