"""A draw by lot: reproducible, whoever draws again, in whatever order; the spared are never drawn."""

import random
import subprocess

import pytest

from registry.domain.procedure import Level, Sample
from registry.domain.sampling import digest, draw, rank

SEED = "0123456789abcdef0123456789abcdef"
SHARE = Sample(10, (Level.DISTRICT,))


def references(count: int) -> list[str]:
    return [f"ZT2026{number:07}" for number in range(1, count + 1)]


@pytest.mark.parametrize(("cases", "drawn"), [(0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (53, 6), (2000, 200)])
def test_ten_percent_are_drawn_rounded_up(cases: int, drawn: int) -> None:
    found = draw(references(cases), frozenset(), SHARE.size(cases), SEED)

    assert len(found) == drawn and set(found) <= set(references(cases))


def test_whoever_is_spared_is_never_drawn() -> None:
    every = references(53)
    spared = frozenset(every[::7])
    for number in range(200):
        found = draw(every, spared, 6, f"{number:032x}")
        assert len(found) == 6
        assert not spared & set(found)


def test_where_fewer_are_left_all_of_them_are_drawn() -> None:
    every = references(10)

    assert draw(every, frozenset(every[1:]), 5, SEED) == (every[0],)
    assert draw(every, frozenset(every), 5, SEED) == ()


def test_the_order_of_the_list_makes_no_difference() -> None:
    every, chance = references(53), random.Random(1)
    first = draw(every, frozenset(), 6, SEED)
    for _ in range(50):
        chance.shuffle(every)
        assert draw(every, frozenset(), 6, SEED) == first
        assert digest(every) == digest(references(53))


def test_another_seed_draws_others_and_everybody_has_a_chance() -> None:
    counted = dict.fromkeys(references(10), 0)
    for number in range(2000):
        (one,) = draw(references(10), frozenset(), 1, f"{number:032x}")
        counted[one] += 1

    # Each is expected 200 times; six standard deviations are 81.
    assert all(119 < times < 281 for times in counted.values()), counted


def test_it_is_known_what_one_seed_draws() -> None:
    assert rank("ab", "c") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    # As `printf 'a\\nb\\n' | sha256sum` prints it.
    assert digest(["b", "a"]) == "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2"


def test_the_words_of_the_docstring_draw_the_same_by_hand() -> None:
    lines = "".join(f"{one}\n" for one in references(53))
    script = (
        'while read r; do echo "$(printf %s "$SEED$r" | sha256sum | cut -c1-64) $r"; done | sort | head -n 6 '
        "| cut -d' ' -f2"
    )
    said = subprocess.run(
        ["bash", "-c", script],
        input=lines,
        text=True,
        capture_output=True,
        check=True,
        env={"SEED": SEED, "PATH": "/usr/bin:/bin"},
    )

    assert tuple(sorted(said.stdout.split())) == draw(references(53), frozenset(), 6, SEED)


def test_a_list_that_cannot_be_is_a_defect() -> None:
    with pytest.raises(ValueError, match="twice"):
        draw(["a", "a"], frozenset(), 1, SEED)
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw(["a"], frozenset(), -1, SEED)
