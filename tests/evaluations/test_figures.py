import random
import threading
from collections import Counter
from decimal import Decimal

import pytest
from django.db import connection
from django.template.loader import render_to_string

from evaluations import figures
from evaluations.actions import invite
from evaluations.models import AgencyFigure, Invitation, Measure, Rating, RatingDelta
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


def test_hundred_is_shown_only_where_it_is_all(finished):
    RatingDelta.objects.create(agency=finished.agency, measure=5, count=9999)
    RatingDelta.objects.create(agency=finished.agency, measure=1, count=1)
    [figure] = figures.agency_figures()
    assert figure.good_rate == Decimal("99.9")


def test_raw_equals_published_before_within_and_after_folding(copies, give):
    chance = random.Random(4)
    cases = copies(30)
    for number, case in enumerate(cases):
        if number % 10 == 3:
            invite(now=LATER, limit=5)
        if number % 7 == 2:
            figures.fold()
        if chance.random() < 0.7:
            give(case, stars=chance.randint(1, 5))
        assert counted() == raw()
    invite(now=LATER)
    figures.fold()
    assert not RatingDelta.objects.exists()
    assert counted() == raw()
    assert sum(AgencyFigure.objects.filter(measure=0).values_list("count", flat=True)) == 31


def test_folding_nothing_changes_nothing(finished, give):
    give(finished)
    figures.fold()
    before = list(AgencyFigure.objects.values_list())
    figures.fold()
    assert list(AgencyFigure.objects.values_list()) == before


@pytest.mark.django_db(transaction=True)
def test_many_fold_while_many_rate(finished, agency):
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

    def add() -> None:
        RatingDelta.objects.create(agency=agency, measure=4)

    def look() -> None:
        seen.append(sum(figure.counts[4] for figure in figures.agency_figures()))

    seen: list[int] = []
    threads = [
        threading.Thread(target=work, args=[turn]) for turn in (add, add, figures.fold, figures.fold, look)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert seen == sorted(seen)  # nothing is ever counted twice or missed on the way
    assert sum(figure.counts[4] for figure in figures.agency_figures()) == 40
    figures.fold()
    assert AgencyFigure.objects.get(measure=4).count == 40


# --- where they are shown


def test_everybody_can_read_them(finished, give, client):
    assert "还没有评价数据" in client.get("/ratings/").content.decode()
    give(finished, stars=5)
    page = client.get("/ratings/").content.decode()
    assert finished.agency.name in page
    assert "100.0%" in page
    assert client.get("/ratings/", {"page": "x"}).status_code == 200


def test_agency_without_rating_shows_no_rate(finished, client):
    invite(now=LATER)
    page = client.get("/ratings/").content.decode()
    assert "还没有评价" in page
    assert "100" not in page


def test_figures_by_the_api(finished, give, client):
    give(finished, stars=5)
    [shown] = client.get("/api/v1/ratings/").json()["results"]
    assert shown == {
        "agency": str(finished.agency.uuid),
        "name": finished.agency.name,
        "region": finished.agency.region_id,
        "evaluable": 1,
        "rated": 1,
        "negative": 0,
        "good_rate": "100.0",
        "participation": "100.0",
    }


def test_headline_sums_up_all_agencies(finished, give, agency_elsewhere):
    give(finished, stars=5)
    RatingDelta.objects.create(agency=agency_elsewhere, measure=1)
    RatingDelta.objects.create(agency=agency_elsewhere, measure=Measure.EVALUABLE, count=3)
    assert [str(figure["value"]) for figure in figures.headline()] == ["50.0", "50.0", "2"]
    fragment = render_to_string("evaluations/_figures.html", {"figures": figures.headline()})
    assert "50.0" in fragment
    assert "/ratings/" in fragment


def test_headline_of_nothing_leaves_no_trace():
    assert render_to_string("evaluations/_figures.html", {"figures": figures.headline()}).strip() == ""
