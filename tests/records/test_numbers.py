import threading

import pytest
from django.db import connection, transaction

from support.records.actions import next_number

pytestmark = pytest.mark.django_db(transaction=True)


def test_counts_from_one_in_each_series():
    assert [next_number("a"), next_number("a"), next_number("b")] == [1, 2, 1]


def test_number_of_a_rolled_back_transaction_is_given_again():
    next_number("a")
    with pytest.raises(RuntimeError), transaction.atomic():
        assert next_number("a") == 2
        raise RuntimeError
    assert next_number("a") == 2


def test_race_gives_unique_numbers_without_gaps():
    """Eight threads, ten takings each, every third rolled back."""
    kept: list[int] = []
    barrier = threading.Barrier(8)

    def work() -> None:
        try:
            barrier.wait(10)
            for turn in range(10):
                try:
                    with transaction.atomic():
                        number = next_number("race")
                        if turn % 3 == 0:
                            raise RuntimeError
                except RuntimeError:
                    continue
                kept.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(kept) == list(range(1, 49))
