"""Lets schemathesis loose on the API: cases made of its own document, every check, and what came of them."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from api_town import ApiTown
from hypothesis import strategies as st
from make import code
from schemathesis.engine import Status, events, from_schema
from waitress.server import create_server

from registry.domain.uscc import ALPHABET, check_character

# Whatever has a format of ours is sometimes a code that the city knows, sometimes one that only holds.
_FIRST = st.text(alphabet=ALPHABET, min_size=17, max_size=17)
CODES = st.one_of(
    st.sampled_from([code(number) for number in (1, 2, 3, 10, 40)]),
    _FIRST.map(lambda first: first + check_character(first)),
)
# No schema tells of a code's check character, of a year before the first rule set, of a known cursor: that is 422.
_MAY_BE_REFUSED = ["2xx", "3xx", "401", "403", "404", "422", "429"]


@dataclass
class Attacked:
    """What came of it."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Say it in a line."""
        seen = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        return f"{self.cases} cases ({seen}), {len(self.failures)} failures"

    def add(self, other: "Attacked") -> None:
        """Add what came of another."""
        self.cases += other.cases
        self.statuses += other.statuses
        self.failures += other.failures


@contextmanager
def served(town: ApiTown) -> Iterator[str]:
    """Serve the town on a port of its own; give its address."""
    server = create_server(town.town.app, host="127.0.0.1", port=0, threads=4)
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    running.join(10)


def attack(town: ApiTown, place: str, kind: str, *, examples: int, seed: int = 1, by_plan: bool = True) -> Attacked:
    """Ask everything that the document admits, and much that it does not, as a client of a kind.

    Args:
        place: where the town is served.
        examples: at most so many of each operation are made at random.
        by_plan: beside those, every bound of every parameter.
    """
    schemathesis.openapi.format("uscc", CODES)
    config = schemathesis.Config.from_dict(
        {
            "seed": seed,
            "headers": town.headers(kind),
            "continue-on-failure": True,
            "request-timeout": 120.0,
            "checks": {"positive_data_acceptance": {"expected-statuses": _MAY_BE_REFUSED}},
            "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
            "phases": {"coverage": {"enabled": by_plan}},
            "suppress-health-check": ["all"],
        }
    )
    config.projects.default.update(base_url=place)
    schema = schemathesis.openapi.from_url(f"{place}/api/v1/openapi.json", config=config)
    found = Attacked()
    for event in from_schema(schema).execute():
        _note(event, found)
    return found


def _note(event: Any, found: Attacked) -> None:
    if isinstance(event, events.ScenarioFinished):
        for one in event.recorder.interactions.values():
            found.cases += 1
            if one.response is not None:
                found.statuses[one.response.status_code] += 1
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                if check.status is Status.FAILURE and check.failure_info is not None:
                    failure = check.failure_info.failure
                    request = event.recorder.interactions[case_id].request
                    told = f"{request.method} {request.uri}: {failure.title}: {failure.message}"[:600]
                    found.failures.append(told)
    elif isinstance(event, events.NonFatalError | events.FatalError):
        found.failures.append(f"error: {getattr(event, 'info', None) or event}"[:600])
