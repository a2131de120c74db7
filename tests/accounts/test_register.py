import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.utils import timezone

from support.accounts.actions import register_person
from support.accounts.models import Party, User
from support.records.models import AuditEvent

REGISTER = "/accounts/register/"
NUMBER = "11010519491231002X"
FORM = {
    "username": "zhangsan",
    "name": "张三",
    "number": "110105 19491231 002x",
    "phone": "138 1234 3210",
    "email": "zhang@example.com",
    "password1": "four-calm-horses",
    "password2": "four-calm-horses",
}


def test_register_logs_in_and_keeps_the_number_sealed(client, db):
    assert client.post(REGISTER, {**FORM, "next": "/accounts/profile/"}).url == "/accounts/profile/"
    user = User.objects.get(username="zhangsan")
    party = Party.objects.with_number(NUMBER).get()
    assert (party.user, party.number, party.phone, party.identity_level) == (user, NUMBER, "13812343210", 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p::text, u::text FROM accounts_party p JOIN accounts_user u ON u.id = p.user_id"
        )
        stored = " ".join(cursor.fetchone())
    assert NUMBER.encode().hex() not in stored
    assert NUMBER not in stored
    assert "13812343210" not in stored
    assert AuditEvent.objects.get(verb="account.register").subject_id == party.pk
    assert client.get("/accounts/profile/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("username", "", "请填写用户名"),
        ("username", "abc", "用户名至少 4 个字"),
        ("username", "a b c d", "用户名只能包含"),
        ("username", NUMBER, "请不要用身份证号码作用户名"),
        ("name", "", "请填写姓名"),
        ("number", NUMBER[:-1], "身份证号码应为 18 位，您输入了 17 位"),
        ("phone", "1381234", "手机号码应为 11 位，您输入了 7 位"),
        ("email", "zhang", "电子邮箱格式不对"),
        ("password2", "four-calm-horse", "两次输入的密码不一致"),
    ],
)
def test_bad_input_is_said_and_the_rest_kept(client, db, field, value, words):
    page = client.post(REGISTER, {**FORM, field: value})
    assert page.status_code == 200
    assert words in page.text
    kept = {"username", "name", "number", "phone", "email"} - {field}
    assert all(f'value="{FORM[key]}"' in page.text for key in kept)
    assert "four-calm-horses" not in page.text
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "1234567890123", "qwertyuiop", "zhangsan"])
def test_a_weak_password_is_refused(client, db, password):
    page = client.post(REGISTER, {**FORM, "password1": password, "password2": password})
    assert page.context["form"].errors["password2"]
    assert not User.objects.exists()


def test_a_taken_number_is_said_without_whose_it_is(client, citizen):
    page = client.post(REGISTER, {**FORM, "number": citizen.party.number})
    assert "该身份证号码已经登记" in page.text
    assert citizen.name not in page.text
    assert citizen.username not in page.text.replace("zhangsan", "")
    assert not User.objects.filter(username="zhangsan").exists()


def test_a_number_known_from_a_counter_is_not_handed_to_whoever_registers(client, db):
    known = Party(kind="natural", name="张三", code_type="111")
    known.set_number(NUMBER)
    known.save()
    assert "该身份证号码已经登记" in client.post(REGISTER, FORM).text
    known.refresh_from_db()
    assert known.user is None


@pytest.mark.parametrize("username", ["citizen", "CITIZEN"])
def test_a_taken_user_name(client, citizen, username):
    assert "这个用户名已被使用" in client.post(REGISTER, {**FORM, "username": username}).text


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_number_become_one_person():
    start, refused = threading.Barrier(2), []

    def go(username):
        start.wait()
        try:
            register_person(
                username=username,
                name="张三",
                number=NUMBER,
                phone="13812343210",
                email="",
                password="four-calm-horses",
                now=timezone.now(),
            )
        except ValidationError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (User.objects.count(), Party.objects.count(), len(refused)) == (1, 1, 1)
    assert set(refused[0].message_dict) == {"number"}


def test_who_is_logged_in_does_not_register_again(client, citizen):
    client.force_login(citizen)
    assert client.get(REGISTER).status_code == 302
