"""Terms, days and refusals in the words of the reader's language."""

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from support.calendars.actions import calendar_for, layer_names
from support.calendars.clock import ClockError, Fault
from support.calendars.terms import NATIONAL, CalendarNotCovered, Day, DayKind, Gap, Term, Unit

# As the notices write them (calendars/data); a name that is not here is shown as it was entered.
HOLIDAYS = (
    gettext_noop("元旦"),
    gettext_noop("春节"),
    gettext_noop("清明节"),
    gettext_noop("劳动节"),
    gettext_noop("端午节"),
    gettext_noop("中秋节"),
    gettext_noop("国庆节"),
    gettext_noop("开斋节"),
    gettext_noop("古尔邦节"),
)


def term(value: Term) -> str:
    """20 个工作日, 60 日, 3 个月."""
    values = {"count": value.amount}
    if value.unit is Unit.WORKDAY:
        return ngettext("%(count)s 个工作日", "%(count)s 个工作日", value.amount) % values
    if value.unit is Unit.DAY:
        return ngettext("%(count)s 日", "%(count)s 日", value.amount) % values
    return ngettext("%(count)s 个月", "%(count)s 个月", value.amount) % values


def why_provisional(missing: Sequence[Gap]) -> str:
    """Why a date may still move; empty when it may not."""
    if not missing:
        return ""
    names = layer_names()
    gaps = [_gap(names.get(region, region), region, year) for region, year in missing]
    return _("暂定日期：%(gaps)s。安排公布并登记后将重新计算。") % {"gaps": _("；").join(gaps)}


def _gap(name: str, region: str, year: int) -> str:
    if region == NATIONAL:
        return _("%(year)s 年全国放假安排尚未登记") % {"year": year}
    return _("%(region)s %(year)s 年放假通知尚未登记") % {"region": name, "year": year}


def uncovered(region_code: str) -> str:
    """Why a term cannot be counted in a region: it leaves the years that are known."""
    try:
        calendar = calendar_for(region_code)
    except CalendarNotCovered:
        return _("还没有登记放假安排，暂时不能计算。")
    return _("只能计算 %(first)s 至 %(last)s 之间的期限。") % {
        "first": date_format(calendar.first),
        "last": date_format(calendar.last),
    }


def day(value: Day) -> str:
    """周末, 国庆节, 国庆节调休上班."""
    if value.kind is DayKind.WEEKEND:
        return _("周末")
    if value.kind is DayKind.MAKEUP:
        return _("%(holiday)s调休上班") % {"holiday": _(value.name)}
    return _(value.name)


def refusal(error: ClockError) -> str:
    """Why the clock does not take an entry."""
    return {
        Fault.NOT_STARTED: _("期限尚未开始计算。"),
        Fault.STARTED: _("期限已经开始计算。"),
        Fault.STOPPED: _("期限计算已经结束。"),
        Fault.PAUSED: _("期限正处于暂停或不计算期间，请先恢复计算。"),
        Fault.RUNNING: _("期限正在计算，没有需要恢复的暂停。"),
        Fault.ORDER: _("日期有误：不能早于上一次记录，也不能晚于今天。"),
        Fault.RETROACTIVE: _("不能追溯：暂停、不计算期间和延长自登记当日起生效。"),
        Fault.TERM: _("请写明有效的期限。"),
        Fault.EXPIRED: _("期限已经届满，不能再暂停、扣除或延长。"),
        Fault.EXTENDED: _("期限已经延长过一次，不能再次延长。"),
    }[error.fault]
