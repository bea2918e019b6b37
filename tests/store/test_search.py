"""Sets of firms by gram: as they are kept, and what several of them have in common."""

import random

import pytest
from sqlalchemy.orm import Session

from registry.store.search import SIZE, NameGram, candidates, packed, places, unpacked


@pytest.mark.parametrize("count", [0, 1, 2, SIZE // 16 - 1, SIZE // 16, SIZE // 16 + 1, SIZE])
def test_a_set_is_kept_and_read_again(count: int) -> None:
    some = sorted(random.Random(count).sample(range(SIZE), count))

    assert list(places(unpacked(packed(some)))) == some


def test_a_set_takes_no_more_room_than_a_bit_a_firm() -> None:
    assert [len(packed(range(count))) for count in (1, 255, 256, SIZE)] == [3, 511, 513, 513]


def keep(session: Session, gram: str, *firms: int) -> None:
    for block in sorted({number // SIZE for number in firms}):
        some = sorted(number % SIZE for number in firms if number // SIZE == block)
        session.add(NameGram(gram=gram, block=block, firms=packed(some)))
    session.flush()


def test_firms_are_those_that_have_every_gram_of_at_least_one_way(session: Session) -> None:
    keep(session, "a", 1, 2, 5000, 9000)
    keep(session, "b", 2, 3, 5000, 20_000)
    keep(session, "c", 7, 9000)
    keep(session, ":t", 2, 7, 9000, 20_000)

    def found(*ways: list[tuple[str, ...]], **more: object) -> list[int]:
        return list(candidates(session, list(ways), [], **more))  # type: ignore[arg-type]

    assert found([("a",), ("b",)]) == [2, 5000]
    assert found([("a", "c")]) == [1, 2, 7, 5000, 9000]
    assert found([("a",), ("b",)], [("c",)]) == [2, 7, 5000, 9000]
    assert found([("a",), ("nothing",)]) == found() == []
    assert found([("a",)], after=1) == [2, 5000, 9000]
    assert found([("a",)], after=2) == [5000, 9000]
    assert found([("a",)], after=8999) == [9000] and found([("a",)], after=9000) == []
    assert list(candidates(session, [[("a",)], [("b",)]], [(":t",)])) == [2, 9000, 20_000]
