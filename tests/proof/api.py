"""The API against schemathesis: every check, as each kind of client; no failure, nothing undeclared."""

import logging
from pathlib import Path

import structlog
from api_attack import Attacked, attack, served
from api_town import KINDS, api_town
from clients import seat_cast
from small_city import NOW, build_city

WANTED = 5_000


def prove(folder: Path, small: bool) -> str:
    """Run it at the size of the goal: 5,000 cases of each kind of client."""
    # A line for each of twenty thousand requests tells nobody anything.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    file = build_city(folder / "built.sqlite", crowd_size=40)
    seat_cast(file, NOW)
    whole = Attacked()
    told = []
    with api_town(file, folder) as town, served(town) as place:
        for kind in KINDS:
            found = Attacked()
            for seed in range(1, 100):
                found.add(attack(town, place, kind, examples=5 if small else 300, seed=seed))
                if small or found.cases >= WANTED or found.failures:
                    break
            told.append(f"{kind} {found.cases}")
            whole.add(found)
    assert not whole.failures, "\n".join(whole.failures[:20])
    assert not [status for status in whole.statuses if status >= 500], whole.told()
    return f"{whole.told()}; by client: {', '.join(told)}"
