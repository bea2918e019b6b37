"""The same seed gives the same city: in any process, in blocks or whole, and from a file that holds together."""

import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from random import Random

import pytest

from registry.city import City, build_city, city_blocks
from registry.city.naming import Names
from registry.city.parameters import load_parameters, seed_file
from registry.domain.periods import last_valid_day

DIGEST_OF_A_TOWN = """
import hashlib
from registry.city import build_city
print(hashlib.sha256(repr(build_city(firms=300)).encode()).hexdigest())
"""


def digest(city: City) -> str:
    return hashlib.sha256(repr(city).encode()).hexdigest()


def test_the_same_seed_gives_the_same_city_twice() -> None:
    assert digest(build_city(firms=300)) == digest(build_city(firms=300))


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_the_city_does_not_depend_on_the_hash_seed(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    told = subprocess.run(
        [sys.executable, "-c", DIGEST_OF_A_TOWN], env=environment, capture_output=True, text=True, check=True
    )

    assert digest(build_city(firms=300)) == told.stdout.strip()


def test_another_seed_gives_another_city() -> None:
    assert digest(build_city(seed=1, firms=300)) != digest(build_city(seed=2, firms=300))


@pytest.mark.parametrize("firms", [0, 1, 7, 200])
def test_a_city_of_any_size_can_be_built(firms: int) -> None:
    assert firms == len(build_city(firms=firms).firms)


@pytest.mark.slow
def test_a_city_of_several_blocks_repeats_no_name_and_no_code() -> None:
    blocks = list(city_blocks(firms=20_500))
    firms = [firm for block in blocks for firm in block.firms]

    assert [len(block.firms) for block in blocks] == [20_000, 500]
    assert len(firms) == len({firm.uscc for firm in firms}) == len({firm.name for firm in firms})


def test_there_are_names_for_a_million_firms_and_no_more_than_there_are() -> None:
    parameters = load_parameters()
    names, trade = Names(parameters, 0), next(iter(parameters.trades.values()))

    assert "示例" in names.name(1_000_000, trade, Random(1))
    with pytest.raises(ValueError, match="ask for fewer"):
        names.name(10_000_000, trade, Random(1))


def test_no_trade_word_begins_like_a_brand() -> None:
    parameters = load_parameters()
    characters = parameters.names["brand_characters"]

    assert [word for trade in parameters.trades.values() for word in trade.words if word[0] in characters] == []


def test_the_calendar_of_re_reviews_keeps_its_promise() -> None:
    for batches in load_parameters().batches.values():
        days = {batch.on for batch in batches}
        assert len(days) == len(batches)
        for batch in batches:
            day_after = last_valid_day(batch.on) + timedelta(days=1)
            assert batch.re_review_on is None or batch.on < batch.re_review_on <= day_after
            assert batch.late_on is None or batch.late_on > day_after
            assert {batch.re_review_on, batch.late_on} <= days | {None}


def test_the_seeds_are_found() -> None:
    assert seed_file("city.toml").is_file()
    with pytest.raises(FileNotFoundError, match="Reinstall"):
        seed_file("no-such-city.toml")
