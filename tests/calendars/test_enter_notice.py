"""A supervisor enters a notice: the action, and the page without JavaScript."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from support.calendars.actions import calendar_for, current_version, enter_notice
from support.calendars.forms import BadLine, read_line
from support.calendars.models import OfficialDay, OfficialYear
from support.calendars.notice_rules import NoticeDay, NoticeRefused
from support.calendars.terms import NATIONAL, Term, Unit
from support.records.models import AuditEvent
from tests.calendars.slow import NINGXIA
from tests.conftest import actor_of

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC)
OFF, WORK = OfficialDay.Kind.OFF, OfficialDay.Kind.WORK
day = dt.date.fromisoformat
EID = [NoticeDay(day("2026-03-20"), OFF, "开斋节"), NoticeDay(day("2026-05-27"), OFF, "古尔邦节")]
SOURCE = "宁政办发〔2025〕1号"


@pytest.fixture
def enter(official, supervisor):
    def enter(days=EID, *, region=NINGXIA, year=2026, actor=None, **more):
        return enter_notice(region, year, days, SOURCE, actor=actor or actor_of(supervisor), now=NOW, **more)

    return enter


def test_a_notice_makes_the_year_official_and_moves_dates(enter):
    term, start = Term(5, Unit.WORKDAY), day("2026-03-16")
    before = calendar_for(NINGXIA).add(start, term)
    enter()
    after = calendar_for(NINGXIA).add(start, term)
    assert (before.on, before.missing) == (day("2026-03-23"), ((NINGXIA, 2026),))
    assert (after.on, after.missing) == (day("2026-03-24"), ())


def test_a_notice_is_on_record(enter, supervisor):
    version = current_version()
    enter()
    event = AuditEvent.objects.get(verb="calendar.notice")
    assert (event.actor_id, event.target, event.at) == (
        supervisor.pk,
        f"calendars.officialyear:{NINGXIA}/2026",
        NOW,
    )
    assert event.details == {
        "version": version + 1,
        "days": ["2026-03-20 off", "2026-05-27 off"],
        "replaced": [],
    }


@pytest.mark.parametrize("who", ["citizen", "clerk", "officer", "approver", "agency_head", "editor"])
def test_only_a_supervisor_enters_notices(enter, cast, who):
    with pytest.raises(PermissionDenied):
        enter(actor=actor_of(cast[who]))
    assert not AuditEvent.objects.filter(verb="calendar.notice").exists()
    assert calendar_for(NINGXIA).is_workday(day("2026-03-20"))


def test_the_same_year_twice_needs_the_word_correction(enter):
    enter()
    version = current_version()
    with pytest.raises(NoticeRefused, match="如需更正"):
        enter(EID[:1])
    assert current_version() == version
    enter(EID[:1], replace=True)
    assert calendar_for(NINGXIA).is_workday(day("2026-05-27"))
    assert OfficialYear.objects.filter(layer_id=NINGXIA, year=2026).count() == 1
    last = AuditEvent.objects.filter(verb="calendar.notice").latest("id")
    assert last.details["replaced"] == ["2026-03-20", "2026-05-27"]


def test_a_national_notice_takes_the_place_of_the_guess(enter):
    year_end = [
        NoticeDay(day("2026-12-29"), OFF, "元旦"),
        NoticeDay(day("2026-12-31"), OFF, "元旦"),
        NoticeDay(day("2027-01-02"), WORK, "元旦"),
    ]
    enter(year_end, region=NATIONAL, year=2027)
    calendar = calendar_for(NATIONAL)
    assert calendar.is_workday(day("2027-01-02"))
    assert calendar.is_workday(day("2027-02-08"))  # 春节 was a guess only
    assert calendar.add(day("2026-12-28"), Term(1, Unit.WORKDAY)) == (day("2026-12-30"), ())


@pytest.mark.parametrize(
    ("days", "place", "words"),
    [
        ([], None, "至少填写一天"),
        ([NoticeDay(day("2025-03-31"), OFF, "开斋节")], 0, "2025-03-31 不在 2026 年"),
        ([NoticeDay(day("2027-01-01"), OFF, "元旦")], 0, "2027-01-01 不在 2026 年"),
        ([NoticeDay(day("2025-12-28"), OFF, "元旦")], 0, "不在 2026 年"),
        ([EID[0], EID[1], EID[0]], 2, "2026-03-20 重复"),
        ([EID[0], NoticeDay(day("2026-03-18"), WORK, "开斋节")], 1, "本来就是工作日"),
        ([EID[0], NoticeDay(day("2026-02-14"), WORK, "开斋节")], 1, "本来就是工作日"),
    ],
)
def test_nonsense_is_refused_with_its_place(enter, days, place, words):
    with pytest.raises(NoticeRefused) as refused:
        enter(days)
    ((where, what),) = refused.value.problems
    assert where == place
    assert words in what
    assert not OfficialYear.objects.filter(layer_id=NINGXIA, year=2026).exists()


def test_a_day_of_another_years_notice_is_a_repetition(enter):
    enter([NoticeDay(day("2025-12-31"), OFF, "元旦")])
    with pytest.raises(NoticeRefused, match="2025-12-31 重复"):
        enter([NoticeDay(day("2025-12-31"), OFF, "元旦")], year=2025)


@pytest.mark.parametrize("date", ["2026-03-21", "2026-10-01"])
def test_a_region_may_work_on_a_weekend_or_a_national_day_off(enter, date):
    enter([EID[0], NoticeDay(day(date), WORK, "开斋节")])
    assert calendar_for(NINGXIA).is_workday(day(date))
    assert not calendar_for(NATIONAL).is_workday(day(date))


@pytest.mark.parametrize(("year", "region"), [(2018, NINGXIA), (2028, NINGXIA), (2028, NATIONAL)])
def test_a_year_outside_reason(enter, year, region):
    with pytest.raises(NoticeRefused, match="年份应在 2019 至 2027 之间"):
        enter([NoticeDay(dt.date(year, 6, 5), OFF, "开斋节")], year=year, region=region)


def test_a_region_without_a_layer(enter):
    with pytest.raises(NoticeRefused, match="没有为该地区"):
        enter(region="110000000000")


# --- lines ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "2026-03-20 开斋节 放假",
        "  2026/3/20　开斋节　放假 ",
        "2026年3月20日 开斋节 放假",
        "２０２６-０３-２０ 开斋节 放假",
        "2026.3.20 开斋节 放假",
    ],
)
def test_a_day_as_people_write_it(line):
    assert read_line(line) == [NoticeDay(day("2026-03-20"), OFF, "开斋节")]


@pytest.mark.parametrize("run", ["至", " 至 ", "～", "~", "—", "--", " 到 "])
def test_a_run_of_days(run):
    days = read_line(f"2026-10-01{run}2026-10-07 国庆节 放假")
    assert [one.date.day for one in days] == [1, 2, 3, 4, 5, 6, 7]


def test_a_day_worked():
    assert read_line("2026-10-10 国庆节 上班") == [NoticeDay(day("2026-10-10"), WORK, "国庆节")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("开斋节放假", "请按"),
        ("2026-03-20 开斋节", "请按"),
        ("2026-03-20 放假", "请按"),
        ("2026-02-30 开斋节 放假", "没有 2026-02-30 这一天"),
        ("2026-10-07 至 2026-10-01 国庆节 放假", "起止日期有误"),
        ("2026-01-01 至 2026-12-31 国庆节 放假", "起止日期有误"),
        (f"2026-03-20 {'节' * 31} 放假", "名称最多"),
        ("9999-12-31 至 9999-12-31 元旦 放假", ""),
    ],
)
def test_a_line_that_cannot_be_read(line, words):
    if not words:
        assert len(read_line(line)) == 1
        return
    with pytest.raises(BadLine, match=words):
        read_line(line)


# --- the page ---------------------------------------------------------------------------------------


@pytest.fixture
def page(client, official, supervisor):
    client.force_login(supervisor)
    return client


FILLED = {
    "region": NINGXIA,
    "year": "2026",
    "source": SOURCE,
    "days": "2026-03-20 开斋节 放假\n\n2026-05-27 至 2026-05-28 古尔邦节 放假\n",
}


def test_the_page_shows_what_is_known_and_what_is_missing(page):
    text = page.get(reverse("calendars:years")).content.decode()
    assert "宁夏回族自治区" in text
    assert "国办发明电〔2025〕7号" in text
    assert "尚未登记通知" in text
    assert "2019-06-05 开斋节 放假" in text


def test_entering_a_notice_on_the_page(page):
    answer = page.post(reverse("calendars:years"), FILLED, follow=True)
    assert answer.redirect_chain == [(reverse("calendars:years"), 302)]
    assert "已登记宁夏回族自治区 2026 年放假安排" in answer.content.decode()
    assert not calendar_for(NINGXIA).is_workday(day("2026-05-28"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"days": "2026-03-20 开斋节 放假\n随便写写"}, "第 2 行：请按"),
        ({"days": "2026-03-20 开斋节 放假\n2025-03-31 开斋节 放假"}, "第 2 行：2025-03-31 不在 2026 年"),
        (
            {"days": "2026-03-20 开斋节 放假\n2026-03-20 至 2026-03-23 开斋节 放假"},
            "第 2 行：2026-03-20 重复",
        ),
        ({"days": "2026-03-18 开斋节 上班"}, "第 1 行：2026-03-18 本来就是工作日"),
        ({"days": " \n "}, "请填写放假和上班日期"),
        ({"days": "x" * 5001}, "5000"),
        ({"year": "二〇二六"}, "年份应为四位数字"),
        ({"year": "2031"}, "年份应在"),
        ({"year": "99999"}, "2100"),
        ({"region": "110000000000"}, "110000000000"),
        ({"source": ""}, "请填写文号"),
        ({"source": "文" * 201}, "200"),
    ],
)
def test_bad_input_is_answered_in_words_and_kept(page, change, words):
    filled = FILLED | change
    answer = page.post(reverse("calendars:years"), filled)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert words in text
    assert filled["source"] in text
    assert filled["days"].strip().splitlines()[:1] == [] or filled["days"].splitlines()[0] in text
    assert not OfficialYear.objects.filter(layer_id=NINGXIA, year=2026).exists()


def test_an_empty_form_is_answered_in_words(page):
    answer = page.post(reverse("calendars:years"), {})
    assert answer.status_code == 200
    assert "有 4 处需要修改" in answer.content.decode()


def test_a_second_submission_is_told_and_changes_nothing(page):
    page.post(reverse("calendars:years"), FILLED)
    version = current_version()
    assert "如需更正，请勾选" in page.post(reverse("calendars:years"), FILLED).content.decode()
    assert current_version() == version
    assert page.post(reverse("calendars:years"), FILLED | {"replace": "on"}).status_code == 302


@pytest.mark.parametrize("who", ["clerk", "approver", "editor", "citizen"])
def test_others_are_refused_the_page(client, official, cast, who):
    client.force_login(cast[who])
    assert client.get(reverse("calendars:years")).status_code == 403
    assert client.post(reverse("calendars:years"), FILLED).status_code == 403
    assert calendar_for(NINGXIA).is_workday(day("2026-03-20"))


def test_a_visitor_is_asked_to_log_in(client, official):
    assert client.get(reverse("calendars:years")).url.startswith(reverse("accounts:login"))
