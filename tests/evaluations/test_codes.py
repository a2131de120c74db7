import pytest

from evaluations.codes import GOOD, NEGATIVE, Level, from_exchange, from_s1, to_exchange, to_s1

# GB/T 39046—2020 counts from the best, the exchange interface from the worst.
S1 = {"非常满意": 1, "满意": 2, "基本满意": 3, "不满意": 4, "非常不满意": 5}
EXCHANGE = {"非常满意": 5, "满意": 4, "基本满意": 3, "不满意": 2, "非常不满意": 1}


@pytest.mark.parametrize("level", Level)
def test_codes_run_in_opposite_directions(level):
    assert to_s1(level) == S1[str(level.label)]
    assert to_exchange(level) == EXCHANGE[str(level.label)]
    assert from_s1(to_s1(level)) == level
    assert from_exchange(to_exchange(level)) == level


@pytest.mark.parametrize("convert", [to_s1, from_s1, to_exchange, from_exchange])
@pytest.mark.parametrize("value", [0, 6, -1])
def test_unknown_codes_are_refused(convert, value):
    with pytest.raises(ValueError, match="not a valid Level"):
        convert(value)


def test_last_two_levels_are_negative():
    assert {str(level.label) for level in NEGATIVE} == {"不满意", "非常不满意"}
    assert set(Level) == GOOD | NEGATIVE
