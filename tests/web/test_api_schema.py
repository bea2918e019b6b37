"""A small attack on the API by its own document; the long one is `tests/proof/api.py`."""

from pathlib import Path

import pytest
from api_attack import attack, served
from api_town import api_town

pytestmark = pytest.mark.slow
MOST = 300


# What the attacker itself leaves open: a socket of its client, unclosed at the end.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_nothing_that_is_made_of_the_document_breaks_the_api(city_file: Path, tmp_path: Path) -> None:
    with api_town(city_file, tmp_path) as town, served(town) as place:
        found = attack(town, place, "both", examples=4, by_plan=False)
        found.add(attack(town, place, "nobody", examples=2, by_plan=False))

    assert found.failures == []
    assert not [status for status in found.statuses if status >= 500], found.told()
    assert 100 <= found.cases <= MOST, found.told()
    # It did get through, and was refused.
    assert {200, 401, 404, 422} <= set(found.statuses), found.told()
