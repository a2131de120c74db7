"""消息发送: what went out in an agency's business, how far it came, and trying again what was given up."""

from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from support.accounts.access import ActorRequest, audience
from support.notices import actions, words
from support.notices.models import Channel, Delivery, DeliveryQuerySet, State
from support.places.models import Role
from support.records import actions as records
from support.records.actor import Actor

PAGE = 20
READERS = (Role.CLERK, Role.SUPERVISOR)
LARGEST = 2**63 - 1


class Filter(forms.Form):
    """What the list is narrowed to; a value that makes no sense narrows nothing."""

    state = forms.ChoiceField(choices=State, required=False)
    channel = forms.ChoiceField(choices=Channel, required=False)
    after = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)

    def value(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")


class RetryForm(forms.Form):
    """One delivery, or without it all of a state (on a channel); those that were given up, if none is named."""

    delivery = forms.UUIDField(required=False)
    state = forms.ChoiceField(choices=[(s.value, s.label) for s in actions.RETRIED], required=False)
    channel = forms.ChoiceField(choices=Channel, required=False)


def _mine(actor: Actor) -> DeliveryQuerySet:
    return Delivery.objects.visible_to(actor).filter(agency_id__in=actor.agencies_with(*READERS))


def _address(**query: str) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{reverse('notices:deliveries')}?{urlencode(given)}"


@audience("officer", *READERS)
@require_safe
def deliveries(request: ActorRequest) -> HttpResponse:
    """One state at a time, newest first, with exact counts; what needs a hand comes first."""
    chosen = Filter(request.GET)
    state, channel, after = (chosen.value(name) for name in ("state", "channel", "after"))
    mine = _mine(request.actor)
    grouped = mine.order_by().values_list("state", "channel").annotate(n=Count("pk"))
    counts = {(state, channel): n for state, channel, n in grouped}

    def count(state: str, channel: str) -> int:
        return sum(n for key, n in counts.items() if state in ("", key[0]) and channel in ("", key[1]))

    state = state or next((s for s in State.values if count(s, channel)), State.WAITING.value)
    rows = mine.filter(state=state).select_related("notice", "agency").order_by("-id")
    if channel:
        rows = rows.filter(channel=channel)
    if after:
        rows = rows.filter(pk__lt=int(after))
    listed = list(rows[: PAGE + 1])
    shown = listed[:PAGE]
    records.write(
        "read.deliveries",
        actor=request.actor,
        target=f"notices.delivery:{state}",
        details={"deliveries": [delivery.pk for delivery in shown]},
    )
    context = {
        "rows": [words.row(delivery) for delivery in shown],
        "state": State(state),
        "channel": channel,
        "again": count(state, channel) if state in actions.RETRIED else 0,
        "several": len(request.actor.agencies_with(*READERS)) > 1,
        "states": [
            {
                "label": s.label,
                "url": _address(state=s.value, channel=channel),
                "count": count(s.value, channel),
                "current": s == state,
            }
            for s in State
        ],
        "channels": [
            {
                "label": label,
                "url": _address(state=state, channel=value),
                "count": count(state, value),
                "current": value == channel,
            }
            for value, label in (("", _("全部渠道")), *Channel.choices)
        ],
        "first_url": _address(state=state, channel=channel) if after else "",
        "next_url": _address(state=state, channel=channel, after=str(shown[-1].pk))
        if len(listed) > PAGE
        else "",
    }
    return render(request, "notices/deliveries.html", context)


@audience("officer", *READERS)
@require_POST
def retry(request: ActorRequest) -> HttpResponse:
    """Queue again one delivery that did not arrive, or all of a state. Pressed twice, the second finds none."""
    form = RetryForm(request.POST)
    state, channel, count = "", "", 0
    if form.is_valid():
        state, channel = form.cleaned_data["state"], form.cleaned_data["channel"]
        rows = _mine(request.actor).filter(state=state or State.DEAD)
        if channel:
            rows = rows.filter(channel=channel)
        if form.cleaned_data["delivery"]:
            rows = rows.filter(uuid=form.cleaned_data["delivery"])
        count = actions.retry(rows, actor=request.actor, now=timezone.now())
    if count:
        said = ngettext("已重新安排发送 %(n)d 条", "已重新安排发送 %(n)d 条", count)
        messages.success(request, said % {"n": count})
    else:
        messages.info(request, _("没有需要重新发送的：可能已由其他人处理"))
    return redirect(_address(state=state, channel=channel))
