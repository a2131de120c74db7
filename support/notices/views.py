"""The messages of the person logged in."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from support.accounts.access import ActorRequest, audience
from support.accounts.hats import Hat
from support.notices import actions
from support.notices.models import Notice

PAGE = 20


class UntilForm(forms.Form):
    until = forms.UUIDField()


@audience("member")
@require_safe
def notice_list(request: ActorRequest) -> HttpResponse:
    """Unread first, then the newest."""
    notices = Notice.objects.visible_to(request.actor).unread_first().select_related("party", "agency")
    page = Paginator(notices, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "newest": Notice.objects.visible_to(request.actor).unread().order_by("-id").first(),
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "words": _("第 %(page)s 页，共 %(pages)s 页")
        % {"page": page.number, "pages": page.paginator.num_pages},
    }
    return render(request, "notices/list.html", context)


def _fits(hat: Hat, notice: Notice) -> bool:
    return (
        notice.party_id == hat.actor.party_id if notice.party_id else notice.agency_id in hat.actor.agency_ids
    )


@audience("member")
@require_http_methods(["GET", "POST"])
def open_notice(request: ActorRequest, uuid: UUID) -> HttpResponse:
    """Mark a message read and go on to what it is about.

    Where it concerns business done under another hat, the person is asked, and the answer changes it.
    """
    notice = get_object_or_404(Notice.objects.visible_to(request.actor), uuid=uuid)
    if not _fits(request.hat, notice):
        hat = next((hat for hat in request.hats if _fits(hat, notice)), None)
        if hat is None:
            messages.error(request, _("您已不能以该身份办事：授权可能已到期或已撤销"))
            return redirect("notices:list")
        if request.method != "POST":
            return render(request, "notices/other_hat.html", {"notice": notice, "wanted": hat})
        request.session["hat"] = hat.value
    actions.mark_read(notice, now=timezone.now())
    return redirect(notice.url)


@audience("member")
@require_POST
def read_all(request: ActorRequest) -> HttpResponse:
    """Mark read what the page showed and what is older, not what has come in the meantime."""
    form = UntilForm(request.POST)
    if form.is_valid():
        until = get_object_or_404(Notice.objects.visible_to(request.actor), uuid=form.cleaned_data["until"])
        actions.mark_all_read(until, actor=request.actor, now=timezone.now())
    return redirect("notices:list")
