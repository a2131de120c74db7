import datetime as dt

import pytest
from django import forms

from support.accounts.fields import DatePartsField, IdNumberField, PersonNameField, PhoneField, UsccField


class Person(forms.Form):
    name = PersonNameField()
    number = IdNumberField()
    code = UsccField(required=False)
    phone = PhoneField(required=False)
    born = DatePartsField(required=False)


def fill(**data) -> Person:
    return Person({"name": "张小兰", "number": "11010519491231002X", **data})


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("张小兰", "张小兰"),
        (" 阿卜杜拉•买买提 ", "阿卜杜拉·买买提"),
        ("迪丽热巴 · 迪力木拉提", "迪丽热巴·迪力木拉提"),
        ("𠮷田", "𠮷田"),
        ("Anna-Maria  O'Neil", "Anna-Maria O'Neil"),
    ],
)
def test_names_are_kept_as_they_are(typed, cleaned):
    form = fill(name=typed)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == cleaned


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", "请填写姓名"),
        ("张", "姓名应为 2 至 50 个字，您输入了 1 个"),
        ("张" * 51, "姓名应为 2 至 50 个字，您输入了 51 个"),
        ("张3", "姓名只能包含文字和间隔号“·”，不能有数字和其他符号"),
        ("张\0三", "姓名只能包含文字和间隔号“·”，不能有数字和其他符号"),
        ("<b>张三</b>", "姓名只能包含文字和间隔号“·”，不能有数字和其他符号"),
    ],
)
def test_a_wrong_name_is_refused_in_words(typed, expected):
    assert fill(name=typed).errors["name"][0] == expected


def test_numbers_are_cleaned_and_kept_as_typed_when_wrong():
    assert fill(number="110105 19491231 002x").is_valid()
    form = fill(number="1234", phone="123", code="9")
    assert set(form.errors) == {"number", "phone", "code"}
    assert form["number"].value() == "1234"


def test_an_overlong_number_is_refused():
    assert "number" in fill(number="1" * 10_000).errors


DAY = dt.date(1990, 1, 2)


@pytest.mark.parametrize(
    "parts",
    [
        ("1990", "1", "2"),
        ("1990", "01", "02"),
        ("１９９０", "１", "２"),
        ("19900102", "", ""),
        ("1990-1-2", "", ""),
        ("1990年1月2日", "", ""),
        ("1990 年 1 月 2 日", "", ""),
    ],
)
def test_a_date_is_read_in_parts_or_pasted(parts):
    form = fill(**dict(zip(("born_year", "born_month", "born_day"), parts, strict=True)))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == DAY


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("1990", "2", ""), "日期不完整，请补填：日"),
        (("", "", "3"), "日期不完整，请补填：年、月"),
        (("1990", "2", "30"), "1990 年 2 月 30 日不存在，请核对"),
        (("90", "2", "3"), "年份应为 4 位数字，例如 1990"),
        (("abcd", "2", "3"), "年、月、日只能填数字"),
        (("1990", "-2", "3"), "年、月、日只能填数字"),
        (("0000", "1", "1"), "0000 年 1 月 1 日不存在，请核对"),
        (("9" * 500, "1", "1"), "年、月、日只能填数字"),
    ],
)
def test_a_wrong_date_is_refused_in_words_and_kept(parts, expected):
    form = fill(**dict(zip(("born_year", "born_month", "born_day"), parts, strict=True)))
    assert form.errors["born"][0] == expected
    assert f'value="{parts[0][:60]}"' in str(form["born"]) or not parts[0]


def test_no_date_is_no_date():
    form = fill()
    assert form.is_valid()
    assert form.cleaned_data["born"] is None


def test_each_date_input_has_its_label_and_the_given_date():
    html = str(Person(initial={"born": DAY})["born"])
    for name, value in (("year", 1990), ("month", 1), ("day", 2)):
        assert f'name="born_{name}" value="{value}"' in html
    assert html.count("<label>") == 3
    assert 'id="id_born_0"' in html
