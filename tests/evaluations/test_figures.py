import random
import re
import threading
from collections import Counter
from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.template.loader import render_to_string

from evaluations import figures
from evaluations.actions import invite
from evaluations.models import AgencyFigure, Invitation, Measure, Rating, RatingDelta
from matters.models import Matter
from support.places.models import Agency
from tests.evaluations.conftest import LATER

pytestmark = pytest.mark.django_db


def counted() -> Counter:
    """(agency, measure) → count, as published."""
    return Counter(
        {
            (figure.agency.pk, measure): count
            for figure in figures.agency_figures()
            for measure, count in figure.counts.items()
            if count
        }
    )


def raw() -> Counter:
    """The same from the facts themselves."""
    sums = Counter(Rating.objects.values_list("agency", "stars"))
    for agency in Invitation.objects.values_list("case__agency", flat=True):
        sums[(agency, Measure.EVALUABLE)] += 1
    return sums


def counted_by_matter() -> Counter:
    """(agency, matter, measure) → count, as published."""
    return Counter(
        {
            (agency.pk, matter, measure): count
            for agency in Agency.objects.all()
            for matter, figure in figures.figures_by_matter(agency.pk).items()
            for measure, count in figure.counts.items()
            if count
        }
    )


def raw_by_matter() -> Counter:
    sums = Counter(Rating.objects.values_list("agency", "case__matter", "stars"))
    for agency, matter in Invitation.objects.values_list("case__agency", "case__matter"):
        sums[(agency, matter, Measure.EVALUABLE)] += 1
    return sums


@pytest.fixture
def matter(put_in_force, agency) -> Matter:
    return put_in_force(1, agency=agency).matter


@pytest.fixture
def add(agency, matter):
    """Add to a figure without papers and persons."""

    def call(measure: int, count: int = 1, matter: Matter = matter) -> None:
        RatingDelta.objects.create(agency=matter.agency, matter=matter, measure=measure, count=count)

    return call


def test_nothing_to_show_before_the_first_case():
    assert figures.agency_figures() == []
    assert figures.headline() == []


def test_rating_changes_the_figure_at_once(finished, give):
    give(finished, stars=2)
    [figure] = figures.agency_figures()
    assert figure.agency == finished.agency
    assert (figure.evaluable, figure.rated, figure.negative) == (1, 1, 1)
    assert (figure.good_rate, figure.participation) == (Decimal("0.0"), Decimal("100.0"))


def test_three_stars_and_more_are_good(copies, give):
    for case, stars in zip(copies(5), (1, 2, 3, 4, 5), strict=True):
        give(case, stars=stars)
    [figure] = figures.agency_figures()
    assert figure.good_rate == Decimal("60.0")


def test_case_without_rating_is_never_counted_as_good(finished, copies, give):
    cases = copies(3)
    invite(now=LATER)
    [figure] = figures.agency_figures()
    assert (figure.evaluable, figure.rated, figure.good_rate) == (4, 0, None)
    give(cases[0], stars=1)
    [figure] = figures.agency_figures()
    assert (figure.good_rate, figure.participation) == (Decimal("0.0"), Decimal("25.0"))


def test_hundred_is_shown_only_where_it_is_all(finished, add):
    add(5, 9999)
    add(1)
    [figure] = figures.agency_figures()
    assert figure.good_rate == Decimal("99.9")


def test_satisfaction_is_stars_of_stars_that_could_be(add):
    add(5, 3)
    add(2)
    [figure] = figures.agency_figures()
    assert figure.satisfaction == Decimal("85.0")  # (3·5 + 2) / (4·5)


def test_nothing_is_divided_by_nothing():
    empty = figures.Figures()
    assert (empty.good_rate, empty.satisfaction, empty.participation) == (None, None, None)


def test_raw_equals_published_before_within_and_after_folding(copies, give, matter):
    chance = random.Random(4)
    cases = copies(30)
    for case in cases[::3]:
        case.matter = matter
        case.save()
    for number, case in enumerate(cases):
        if number % 10 == 3:
            invite(now=LATER, limit=5)
        if number % 7 == 2:
            figures.fold()
        if chance.random() < 0.7:
            give(case, stars=chance.randint(1, 5))
        assert counted() == raw()
        assert counted_by_matter() == raw_by_matter()
    invite(now=LATER)
    figures.fold()
    assert not RatingDelta.objects.exists()
    assert counted() == raw()
    assert counted_by_matter() == raw_by_matter()
    whole = AgencyFigure.objects.filter(measure=0, matter=None)
    assert sum(whole.values_list("count", flat=True)) == 31
    assert AgencyFigure.objects.filter(measure=0).exclude(matter=None).count() == 2


def test_counting_again_from_the_facts_gives_the_same(copies, give):
    for case, stars in zip(copies(6), (1, 2, 3, 4, 5, 5), strict=True):
        give(case, stars=stars)
    figures.fold()
    before = set(AgencyFigure.objects.values_list("agency", "matter", "measure", "count"))
    with connection.cursor() as cursor:
        cursor.execute(import_module("evaluations.migrations.0003_count_again").COUNT_AGAIN)
    assert set(AgencyFigure.objects.values_list("agency", "matter", "measure", "count")) == before


def test_folding_nothing_changes_nothing(finished, give):
    give(finished)
    figures.fold()
    before = list(AgencyFigure.objects.values_list())
    figures.fold()
    assert list(AgencyFigure.objects.values_list()) == before


@pytest.mark.django_db(transaction=True)
def test_many_fold_while_many_rate(add, agency):
    barrier, errors = threading.Barrier(5), []

    def work(turn) -> None:
        try:
            barrier.wait(10)
            for _ in range(20):
                turn()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    def rate() -> None:
        add(4)

    def look() -> None:
        seen.append(sum(figure.counts[4] for figure in figures.agency_figures()))
        by_matter.append(sum(figure.counts[4] for figure in figures.figures_by_matter(agency.pk).values()))

    seen: list[int] = []
    by_matter: list[int] = []
    threads = [
        threading.Thread(target=work, args=[turn]) for turn in (rate, rate, figures.fold, figures.fold, look)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert seen == sorted(seen)  # nothing is ever counted twice or missed on the way
    assert by_matter == sorted(by_matter)
    assert sum(figure.counts[4] for figure in figures.agency_figures()) == 40
    figures.fold()
    assert list(AgencyFigure.objects.filter(measure=4).values_list("count", flat=True)) == [40, 40]


# --- where they are shown


def test_everybody_can_read_them(finished, add, client):
    assert "还没有评价数据" in client.get("/ratings/").content.decode()
    add(5, 5)
    page = client.get("/ratings/").content.decode()
    assert finished.agency.name in page
    assert "100.0%" in page
    assert client.get("/ratings/", {"page": "x"}).status_code == 200


def test_agency_without_rating_shows_no_rate(finished, client):
    invite(now=LATER)
    page = client.get("/ratings/").content.decode()
    assert "还没有评价" in page
    assert ">100" not in page  # addresses hold digits of their own


def test_figures_by_the_api(finished, give, add, client):
    def told() -> dict:
        [shown] = client.get("/api/v1/ratings/").json()["results"]
        return shown

    agency = finished.agency
    names = {"agency": str(agency.uuid), "name": agency.name, "region": agency.region_id}
    give(finished, stars=5)
    withheld = dict.fromkeys(("negative", "good_rate", "satisfaction", "levels"))
    assert told() == {**names, "evaluable": 1, "rated": 1, "participation": "100.0", **withheld}
    add(Measure.EVALUABLE, 4)
    add(1, 4)
    assert told() == {
        **names, "evaluable": 5, "rated": 5, "negative": 4, "good_rate": "20.0", "satisfaction": "36.0",
        "participation": "100.0", "levels": {"5": 1, "4": 0, "3": 0, "2": 0, "1": 4},
    }  # fmt: skip


def test_what_four_said_of_an_agency_is_told_nowhere(client, agency, agency_elsewhere, add, put_in_force):
    there = put_in_force(2, agency=agency_elsewhere).matter
    add(Measure.EVALUABLE, 8)
    add(1, 4)
    assert figures.headline() == []
    add(5, 10, matter=there)
    assert [str(figure["value"]) for figure in figures.headline()] == ["100.0", "None", "100.0", "10"]
    listed = client.get("/ratings/").content.decode()
    own = client.get(f"/ratings/agencies/{agency.uuid}/").content.decode()
    assert "评价较少，暂不公布" in listed
    assert "评价不满 5 件，为保护评价人" in own
    for page in (listed, own):
        assert "50.0%" in page or "50.0 " in page, "how many took part is public"
        assert "0.0%" not in re.sub(r"[1-9]0+\.0%", "", page)
        assert "各等级的评价数" not in page
    add(1, 1)
    assert "各等级的评价数" in client.get(f"/ratings/agencies/{agency.uuid}/").content.decode()
    assert [str(figure["value"]) for figure in figures.headline()] == ["66.6", "187.5", "73.3", "15"]


def test_headline_sums_up_all_agencies(add, put_in_force, agency_elsewhere):
    there = put_in_force(2, agency=agency_elsewhere).matter
    for matter, stars in ((None, 5), (there, 1)):
        more = {"matter": matter} if matter else {}
        add(stars, 5, **more)
        add(Measure.EVALUABLE, 10, **more)
    assert [str(figure["value"]) for figure in figures.headline()] == ["50.0", "50.0", "60.0", "10"]
    fragment = render_to_string("evaluations/_figures.html", {"figures": figures.headline()})
    assert "50.0" in fragment
    assert "/ratings/" in fragment


def test_headline_of_nothing_leaves_no_trace():
    assert render_to_string("evaluations/_figures.html", {"figures": figures.headline()}).strip() == ""


# --- by matter


def cells(client, agency) -> list[str]:
    """The rows of the agency's matters, in words."""
    page = client.get(f"/ratings/agencies/{agency.uuid}/").content.decode()
    table = page[page.index("各事项的评价数据") : page.index("怎样计算")]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


@pytest.fixture
def matters(put_in_force, agency) -> list[Matter]:
    return [put_in_force(number, agency=agency).matter for number in range(11, 14)]


def test_agency_page_goes_down_to_its_matters(client, agency, add, matters):
    add(Measure.EVALUABLE, 20, matters[0])
    add(5, 9, matters[0])
    add(2, 1, matters[0])
    add(Measure.EVALUABLE, 3, matters[1])
    [first, second] = cells(client, agency)
    assert first.endswith("20 10 50.0% 90.0% 94.0% 1")
    assert second.endswith("3 0 0.0% 还没有评价")
    page = client.get(f"/ratings/agencies/{agency.uuid}/").content.decode()
    for words in ("得到的星数占满分", "非常不满意", f"/matters/{matters[0].uuid}/", "90.0"):
        assert words in page
    assert f"/ratings/agencies/{agency.uuid}/" in client.get("/ratings/").content.decode()


def test_no_rate_without_a_case_to_divide_by(client, agency, add, matters):
    add(5, 5, matters[0])
    [row] = cells(client, agency)
    assert row.endswith("0 5 还没有可评价的办件 100.0% 100.0% 0")


def test_what_few_said_is_withheld_and_cannot_be_computed(client, agency, add, matters):
    """4 ratings of one matter; the next larger one would give them away as the difference to the agency."""
    for matter, count in zip(matters, (9, 6, 4), strict=True):
        add(Measure.EVALUABLE, 10, matter)
        add(1, count, matter)
    first, second, third = cells(client, agency)
    assert first.endswith("10 9 90.0% 0.0% 20.0% 9")
    assert second.endswith("10 6 60.0% 评价较少，暂不公布")
    assert third.endswith("10 4 40.0% 评价较少，暂不公布")


def test_five_are_enough(client, agency, add, matters):
    for matter, count in zip(matters, (6, 5), strict=False):
        add(4, count, matter)
    assert not any("暂不公布" in row for row in cells(client, agency))


def test_agency_without_a_finished_case(client, agency_elsewhere):
    page = client.get(f"/ratings/agencies/{agency_elsewhere.uuid}/").content.decode()
    assert "还没有评价数据" in page
    assert client.get("/ratings/agencies/00000000-0000-4000-8000-000000000000/").status_code == 404


def test_queries_do_not_grow_with_matters(client, agency, add, matters, django_assert_max_num_queries):
    for matter in matters:
        add(4, 7, matter)
    with django_assert_max_num_queries(6):
        cells(client, agency)


def test_guide_shows_the_figure_of_its_matter(client, add, matters):
    def guide() -> str:
        page = client.get(f"/matters/{matters[0].uuid}/").content.decode()
        return page[page.index("<aside") : page.index("</aside>")]

    add(Measure.EVALUABLE, 8, matters[0])
    assert "好差评" not in guide()
    add(5, 4, matters[0])
    assert "4 件，共办结 8 件" in guide()
    assert "暂不公布好评率" in guide()
    assert "100.0" not in guide()
    add(1, 1, matters[0])
    assert "80.0%" in guide()


def test_matters_of_an_agency_by_the_api(client, agency, add, matters):
    add(Measure.EVALUABLE, 8, matters[0])
    add(4, 5, matters[0])
    add(1, 1, matters[1])
    path = f"/api/v1/ratings/agencies/{agency.uuid}/"
    withheld, same = client.get(path).json()["results"][::-1]
    assert (withheld["rated"], withheld["negative"], withheld["levels"]) == (1, None, None)
    assert (same["rated"], same["good_rate"]) == (5, None), (
        "the difference to the agency would tell the other"
    )
    add(1, 4, matters[1])
    both = client.get(path).json()["results"]
    assert {row["good_rate"] for row in both} == {"100.0", "0.0"}
    assert client.get("/api/v1/ratings/agencies/00000000-0000-4000-8000-000000000000/").status_code == 404
