"""Sending what waits, by e-mail and text message: the title and a link, no personal data."""

import datetime as dt
import logging
import smtplib
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from support.notices import sms
from support.notices.kinds import KINDS
from support.notices.models import Channel, Delivery
from support.queues.rows import claim, fail, finish

logger = logging.getLogger(__name__)

LEASE = 300  # seconds; one message is given up long before (EMAIL_TIMEOUT, sms_http.TIMEOUT for each step)
PATIENCE = 3  # failures of a provider one after the other; then the rest is left for the next drain
PARAMETER = 30  # characters of a fact in a text message


class ProviderDown(Exception):
    """Nothing went out because of the provider, not because of the message."""


def message_id(delivery: Delivery) -> str:
    """The same at every attempt: the second copy of a mail can be recognised as one."""
    return f"<{delivery.uuid}@{urlsplit(settings.PORTAL_URL).hostname}>"


def _path(delivery: Delivery) -> str:
    return reverse("notices:open", args=[delivery.notice.uuid])


def _send_mail(delivery: Delivery) -> str:
    with translation.override(delivery.notice.user.language or settings.LANGUAGE_CODE):
        title = " ".join(delivery.notice.title.split())  # a header is one line
        link = settings.PORTAL_URL + _path(delivery)
        text = render_to_string(
            "mail/notice.txt", {"title": title, "link": link, "site_name": settings.SITE["name"]}
        )
    name = message_id(delivery)
    EmailMessage(title, text, to=[delivery.address], headers={"Message-ID": name}).send()
    return name


def _send_text(delivery: Delivery) -> str:
    """The template's code, the facts of the title, and the path of the message; the words are the gateway's."""
    notice = delivery.notice
    with translation.override(settings.LANGUAGE_CODE):
        said = KINDS[notice.kind].title_facts(notice.facts)
    parameters = {name: _short(fact) for name, fact in said.items()}
    parameters["path"] = _path(delivery)
    return sms.adapter().send(delivery.address, notice.kind, parameters, str(delivery.uuid))


def _short(fact: str) -> str:
    return fact if len(fact) <= PARAMETER else f"{fact[: PARAMETER - 1]}…"


SENDERS: dict[str, Callable[[Delivery], str]] = {Channel.EMAIL: _send_mail, Channel.SMS: _send_text}


def reason(error: Exception) -> str:
    """Kind and code only: a server's own words repeat the address."""
    codes: list[object] = []
    if isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    elif isinstance(error, sms.Refused | sms.Unavailable):
        codes = list(error.args)
    return " ".join([type(error).__name__, *map(str, codes)])


def is_final(error: Exception) -> bool:
    """Whether the message itself was refused for good (RFC 5321: 5xx for the recipient or the content).

    What a server says of us, of our login or sender, is for the operator to mend: tried again.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, sms.Refused)


def is_outage(error: Exception) -> bool:
    """Whether it says something about the provider rather than about this message."""
    own = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
    return isinstance(error, OSError | sms.Unavailable) and not isinstance(error, own)


def send_next(channel: str, *, now: dt.datetime) -> Delivery | None:
    """Claim one delivery of a channel that is due, and send it. None: none is due.

    Raises ProviderDown after noting the failure when the provider did not take anything.
    """
    if channel == Channel.SMS and sms.is_quiet(now):
        return None
    waiting = Delivery.objects.filter(channel=channel).select_related("notice__user")
    for delivery in claim(waiting, now=now, lease=LEASE):
        try:
            provider_id = SENDERS[channel](delivery)
        except Exception as error:  # whatever is wrong with one message, the others go on
            logger.warning("delivery %s, attempt %s: %s", delivery.uuid, delivery.attempts, reason(error))
            fail(delivery, reason(error), now=now, final=is_final(error))
            if is_outage(error):
                raise ProviderDown from error
        else:
            finish(delivery, sent_at=now, provider_id=provider_id)
        return delivery
    return None


def drain(channel: str, *, seconds: float) -> None:
    """Send what is due on a channel, for at most `seconds`, and no longer than the provider is there.

    While it is down only a few messages use up their attempts; the rest waits untouched.
    """
    end, in_a_row = time.monotonic() + seconds, 0
    while time.monotonic() < end and in_a_row < PATIENCE:
        try:
            if send_next(channel, now=timezone.now()) is None:
                return
            in_a_row = 0
        except ProviderDown:
            in_a_row += 1
