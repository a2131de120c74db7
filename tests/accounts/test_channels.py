"""How a person wants to be told, chosen on the page of the account."""

import pytest

from support.accounts.models import Party, User
from support.records.models import AuditEvent

PROFILE, CHANNELS = "/accounts/profile/", "/accounts/profile/channels/"


@pytest.fixture
def texting(settings):
    settings.SMS_GATEWAY_URL = "http://127.0.0.1:1"


def chosen(user) -> tuple[bool, bool]:
    return User.objects.values_list("by_email", "by_sms").get(pk=user.pk)


def test_both_are_on_until_switched_off(client, citizen, texting):
    assert chosen(citizen) == (True, True)
    client.force_login(citizen)
    page = client.get(PROFILE).text
    assert page.count("checked") == 2
    assert "199****0001" in page
    assert "通知方式已保存" in client.post(CHANNELS, {"by_email": "on"}, follow=True).text
    assert chosen(citizen) == (True, False)
    client.post(CHANNELS, {"by_sms": "on"})
    assert chosen(citizen) == (False, True)
    events = AuditEvent.objects.filter(verb="account.channels").order_by("id")
    assert [event.details["changed"] for event in events] == [["by_sms"], ["by_email", "by_sms"]]


def test_what_is_not_offered_is_not_changed(client, citizen, settings):
    settings.SMS_GATEWAY_URL = ""
    client.force_login(citizen)
    assert "手机短信" not in client.get(PROFILE).text
    client.post(CHANNELS, {})
    assert chosen(citizen) == (False, True)


def test_without_a_telephone_no_text_messages_are_offered(client, citizen, texting):
    Party.objects.filter(user=citizen).update(phone_sealed=b"")
    client.force_login(citizen)
    assert "手机短信" not in client.get(PROFILE).text


def test_without_any_address_it_is_said_what_to_do(client, citizen, texting):
    Party.objects.filter(user=citizen).update(phone_sealed=b"")
    User.objects.filter(pk=citizen.pk).update(email="")
    client.force_login(citizen)
    assert "填写手机号码或电子邮箱后" in client.get(PROFILE).text


def test_under_the_hat_of_a_company_it_is_the_persons_own_telephone(client, firm_agent, firm, texting):
    client.force_login(firm_agent)
    client.post("/accounts/hat/", {"hat": f"company:{firm.uuid}"})
    assert "发到您本人账户的手机号码 199****0003" in client.get(PROFILE).text


def test_an_officer_chooses_mail(client, clerk, texting):
    client.force_login(clerk)
    page = client.get(PROFILE).text
    assert "电子邮件" in page
    assert "手机短信" not in page
