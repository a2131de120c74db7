"""Every error speaks the user's language, shows the way on, and names nothing internal."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client

from portal import errors


def test_broken_and_failed_requests_need_neither_user_nor_database(rf, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        failed = errors.server_error(rf.get("/"))
        broken = errors.bad_request(rf.get("/"), SuspiciousOperation("internal"))
    assert failed.status_code == 500
    assert "系统暂时出了问题" in failed.content.decode()
    assert broken.status_code == 400
    assert "internal" not in broken.content.decode()
    assert "12345" in broken.content.decode()


def test_unknown_page(client, db):
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "没有找到这个页面" in answer.content.decode()


def test_refusal_shows_the_reason(client, citizen):
    client.force_login(citizen, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/desk/")
    assert answer.status_code == 403
    assert "此页面仅供窗口和审批人员使用" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_refused_in_words():
    answer = Client(enforce_csrf_checks=True).post("/accessibility/", {"mode": "elder"})
    assert answer.status_code == 403
    assert "页面停留时间过长，请重新提交" in answer.content.decode()
    assert "mode" not in answer.cookies
