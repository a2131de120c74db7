"""Deliveries in words, for staff: where they went, how far they came, why they did not arrive."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from support.accounts.masking import mask_email, mask_phone
from support.notices import sms
from support.notices.models import Channel, Delivery, State

# What a gateway may answer (docs/adr/0016).
CODES: dict[str, Promise | str] = {
    "invalid_number": _("号码不存在或不是手机号码"),
    "blocked": _("机主拒收此类短信"),
    "unreachable": _("手机关机、停机或不在服务区"),
    "unknown_template": _("短信模板未登记"),
}
REFUSED_MAIL = _("邮件服务器拒收，邮箱地址可能有误")
DELAYED_MAIL = _("邮件服务器暂时不收")
UNREACHABLE = {Channel.EMAIL: _("连接不上邮件服务器"), Channel.SMS: _("短信网关没有应答或过于繁忙")}
OUTAGES = ("SMTP", "Unavailable", "Connection", "BrokenPipe", "Timeout", "gaierror", "SSL", "OSError")
OWN: dict[str, Promise | str] = {
    "Unsealable": _("收件地址无法解密"),
    "worker": _("发送进程多次中断"),
    "ValueError": _("收件地址格式不对"),
}
TONES = {
    State.DEAD: "bad", State.FAILED: "bad", State.WAITING: "calm", State.SENT: "brand", State.DELIVERED: "ok",
}  # fmt: skip


def address(delivery: Delivery) -> str:
    """The address, masked. Empty when it cannot be opened."""
    try:
        plain = delivery.address
    except Exception:  # a spoilt row is what this page is for; its error says so
        return ""
    return mask_phone(plain) if delivery.channel == Channel.SMS else mask_email(plain)


def trouble(delivery: Delivery) -> str:
    """Why it has not arrived, or has not yet; empty when nothing is wrong."""
    if delivery.state == State.DELIVERED:
        return ""
    if delivery.state == State.FAILED:
        return _code(delivery.failure)
    kind, _space, code = delivery.error.partition(" ")
    if not kind:
        return ""
    if kind == "Refused":
        return _code(code)
    if kind.startswith("SMTP") and code[:1] in ("4", "5"):
        return _with(REFUSED_MAIL if code.startswith("5") else DELAYED_MAIL, code)
    if kind.startswith(OUTAGES):
        return _with(UNREACHABLE[Channel(delivery.channel)], code or kind)
    return str(OWN.get(kind) or _("程序出错，请联系运维人员（%(kind)s）") % {"kind": kind})


def _with(words: Promise | str, code: str) -> str:
    return str(_("%(words)s（%(code)s）") % {"words": words, "code": code})


def _code(code: str) -> str:
    return str(CODES.get(code, code))


def _next_attempt(delivery: Delivery) -> Any:
    at = delivery.next_at
    return sms.waking_time(at) if at and delivery.channel == Channel.SMS else at


def at(delivery: Delivery) -> Any:
    """The instant of its state: of the next attempt while it waits."""
    return {
        State.DELIVERED: delivery.delivered_at,
        State.FAILED: delivery.failed_at,
        State.SENT: delivery.sent_at,
        State.WAITING: _next_attempt(delivery),
        State.DEAD: None,
    }[State(delivery.state)]


def row(delivery: Delivery) -> dict[str, Any]:
    """What a page shows of a delivery; its notice must have been fetched."""
    return {
        "delivery": delivery,
        "notice": delivery.notice,
        "address": address(delivery),
        "state": State(delivery.state),
        "tone": TONES[State(delivery.state)],
        "at": at(delivery),
        "trouble": trouble(delivery),
    }
