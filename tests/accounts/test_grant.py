import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from support.accounts.demo import AGENCY_USCC
from support.records.models import AuditEvent
from tests.conftest import actor_of


def test_grant_prolong_and_end(citizen, agency):
    call_command("grant", "citizen", "clerk", AGENCY_USCC)
    assert actor_of(citizen).grants == {(agency.pk, "clerk")}
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    call_command("grant", "citizen", "clerk", AGENCY_USCC.lower(), until=tomorrow)
    assert actor_of(citizen).grants == {(agency.pk, "clerk")}
    call_command("grant", "citizen", "clerk", AGENCY_USCC, until=tomorrow - dt.timedelta(days=2))
    assert actor_of(citizen).grants == frozenset()
    assert AuditEvent.objects.filter(verb="account.grant", agency_id=agency.pk).count() == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody", "clerk", AGENCY_USCC], "没有用户名为 nobody 的账户"),
        (["citizen", "king", AGENCY_USCC], "king"),
        (["citizen", "clerk", "123"], "您输入了 3 位"),
        (["citizen", "clerk", "11100000000013338W"], "没有统一社会信用代码"),
        (["citizen", "clerk", AGENCY_USCC, "--until", "2027-02-30"], "日期应写作"),
    ],
)
def test_a_wrong_argument_is_said(citizen, arguments, words):
    with pytest.raises(CommandError, match=words):
        call_command("grant", *arguments)
