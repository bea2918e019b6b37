"""The demo's casework: cases at every stage by the deeds, twice the same, none in a city that is too small."""

from collections import Counter
from datetime import timedelta

import pytest
from casework import MONDAY
from people import home
from sqlalchemy import func, select

from registry.policy import DEFAULTS
from registry.store.cases import Application
from registry.store.decisions import Decision
from registry.store.engine import writing
from registry.store.publicities import Objection, Publicity
from registry.store.recognitions import Certificate
from registry.web.typed import typed_of
from registry.work.audit import verify
from registry.work.found_casework import found_casework
from registry.work.found_city import found_city
from registry.work.found_people import found_people
from registry.work.keep_calendar import ensure_calendar
from registry.work.keep_trail import verify_trail
from registry.work.seal import Keys

KEYS = Keys.parse(f"tests:{'A' * 43}=")


@pytest.mark.slow
def test_the_demo_has_cases_at_every_stage(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    with home(f"sqlite:///{file}") as engine:
        with writing(engine) as session:
            found_city(session, seed=1, firms=400, now=MONDAY)
            ensure_calendar(session, MONDAY)
            found_people(session, now=MONDAY)
            made = found_casework(session, KEYS, DEFAULTS, typed_of, now=MONDAY + timedelta(days=17))
            assert made > 50
            assert found_casework(session, KEYS, DEFAULTS, typed_of, now=MONDAY + timedelta(days=17)) == 0
        with writing(engine) as session:
            states = Counter(session.scalars(select(Application.state)))
            assert sum(states.values()) == made
            assert {state.partition(":")[0] for state in states} == {"draft", "submitted", "stage", "returned", "ended"}
            count = {
                table: session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Certificate, Publicity, Objection, Decision)
            }
            assert count[Certificate] == states["ended:recognised"] == 6
            assert count[Publicity] == 3 and count[Objection] == 1 and count[Decision] > 20
            assert verify(session).holds and verify_trail(session).holds


def test_a_city_of_a_few_firms_has_no_cases(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    with home(f"sqlite:///{file}") as engine, writing(engine) as session:
        found_city(session, seed=1, firms=20, now=MONDAY)
        ensure_calendar(session, MONDAY)
        found_people(session, now=MONDAY)
        assert found_casework(session, KEYS, DEFAULTS, typed_of, now=MONDAY) == 0
        assert session.scalar(select(func.count()).select_from(Application)) == 0
