"""Sending what waits, by e-mail: the title and a link, no personal data."""

import datetime as dt
import logging
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from support.notices.models import Delivery
from support.queues.rows import claim, fail, finish

logger = logging.getLogger(__name__)

LEASE = 300  # seconds; one mail is given up long before (settings.EMAIL_TIMEOUT for each step)


def message_id(delivery: Delivery) -> str:
    """The same at every attempt: the second copy of a mail can be recognised as one."""
    return f"<{delivery.uuid}@{urlsplit(settings.PORTAL_URL).hostname}>"


def _mail(delivery: Delivery) -> EmailMessage:
    with translation.override(delivery.notice.user.language or settings.LANGUAGE_CODE):
        title = " ".join(delivery.notice.title.split())  # a header is one line
        link = settings.PORTAL_URL + reverse("notices:open", args=[delivery.notice.uuid])
        text = render_to_string(
            "mail/notice.txt", {"title": title, "link": link, "site_name": settings.SITE["name"]}
        )
    return EmailMessage(title, text, to=[delivery.address], headers={"Message-ID": message_id(delivery)})


def _reason(error: Exception) -> str:
    """Kind and code only: the server's own words repeat the address."""
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    return " ".join([type(error).__name__, *map(str, codes)])


def send_next(*, now: dt.datetime) -> bool:
    """Claim one delivery that is due, and send it. False: none is due."""
    rows = claim(Delivery.objects.select_related("notice__user"), now=now, lease=LEASE)
    for delivery in rows:
        try:
            _mail(delivery).send()
        except Exception as error:  # whatever is wrong with one mail, the others go on
            logger.warning("delivery %s, attempt %s: %s", delivery.uuid, delivery.attempts, _reason(error))
            fail(delivery, _reason(error), now=now)
        else:
            finish(delivery, sent_at=now, provider_id=message_id(delivery))
    return bool(rows)
