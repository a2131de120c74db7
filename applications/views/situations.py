"""The first page of a draft whose guide has questions of 情形: what is asked for depends on the answers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from applications import drafts, interrupted, wizard
from applications.models import Draft
from applications.views import materials
from matters.situations import SituationForm
from support.accounts.access import ActorRequest


def page(request: ActorRequest, draft: Draft, context: dict[str, Any]) -> HttpResponse:
    """POST keeps what can be understood; going on needs every answer."""
    typed = request.POST if request.method == "POST" else interrupted.recall(request)
    form = SituationForm(draft.guide.said, typed, initial=draft.situations)
    if request.method == "POST":
        choices = form.choices()
        draft = drafts.save_situations(draft, choices, done=form.is_valid(), now=timezone.now())
        if request.headers.get("X-Requested-With") == "autosave":
            return HttpResponse(_("%(time)s 已自动保存。草稿保留 30 天。") % {"time": f"{timezone.localtime():%H:%M}"})
        if request.POST.get("action") == "exit":
            return materials.leave(request, draft)
        if form.is_valid():
            return redirect(draft.route, draft.uuid, _next_page(request, draft, context))
    elif typed is not None:
        messages.info(request, _("已恢复您登录前填写的内容，请核对后继续。"))
    context |= {
        "form": form,
        "step": {
            "title": _("您的情形"),
            "help": _("需要哪些材料，要看您的情形。以后还可以修改，已经填写和上传的内容会保留。"),
        },
        "rows": [{"field": field} for field in form],
    }
    return render(request, "applications/draft_form.html", context, status=422 if form.errors else 200)


def _next_page(request: ActorRequest, draft: Draft, context: dict[str, Any]) -> str:
    """From the check page back to it, by way of the materials if these are to be looked at again."""
    if request.GET.get("back") != wizard.CHECK:
        return str(context["after"])
    pages = {page.key: page.done for page in wizard.pages(draft.guide.said, draft)}
    return wizard.CHECK if pages.get(wizard.MATERIALS, True) else wizard.MATERIALS
