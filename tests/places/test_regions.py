import pytest

from support.places.actions import load_regions
from support.places.models import Region


@pytest.fixture
def regions(db):
    assert load_regions() == 3199


def test_ningxia_down_to_the_villages(regions):
    counts = [Region.objects.filter(level=level).count() for level in (2, 3, 4, 5, 6)]
    assert counts == [1, 5, 22, 259, 2912]
    assert Region.objects.get(code="640104000000").name == "兴庆区"
    assert Region.objects.filter(parent=None).get().code == "640000000000"


def test_a_subtree_is_a_range_of_codes(regions):
    for code in ("640000000000", "640100000000", "640104000000", "640104001000", "640104001002"):
        region = Region.objects.get(code=code)
        low, high = region.subtree()
        inside = set(Region.objects.filter(code__range=(low, high)).values_list("code", flat=True))
        children, found = [code], {code}
        while children:
            children = list(Region.objects.filter(parent__in=children).values_list("code", flat=True))
            found |= set(children)
        assert inside == found


def test_loading_again_brings_up_to_date(regions, django_assert_max_num_queries):
    Region.objects.filter(code="640104000000").update(name="旧名")
    with django_assert_max_num_queries(20):
        assert load_regions() == 1
    assert Region.objects.count() == 3199
    assert Region.objects.get(code="640104000000").name == "兴庆区"


def test_what_is_there_already_is_not_written_again(regions, django_assert_num_queries):
    with django_assert_num_queries(3):  # a savepoint, one look, the end of the savepoint
        assert load_regions() == 0
