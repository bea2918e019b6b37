"""What two do at once has one effect: asking, answering, drawing, reporting."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from casework import MONDAY, ask_departments, open_hall
from examined_cases import cases_at
from people import home
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from registry.domain.actors import Actor
from registry.domain.errors import MoveNotAllowed, RegistryError
from registry.store.cases import Application, CaseStep
from registry.store.engine import writing
from registry.store.examinations import Inquiry, SampleDraw, SampleMember
from registry.work.ask_departments import answer_inquiry
from registry.work.draw_sample import draw_sample
from registry.work.report_sample import report_sample

Deed = Callable[[Session, Application], object]


def both(engine: Engine, number: int, deeds: list[Deed]) -> int:
    """Do some deeds at once, each in a transaction of its own; return how many were done."""
    begin = Barrier(len(deeds))

    def one(deed: Deed) -> bool:
        begin.wait()
        try:
            with writing(engine) as session:
                deed(session, session.get_one(Application, number))
        except RegistryError as refused:
            assert isinstance(refused, MoveNotAllowed)
            return False
        return True

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds)).count(True)


def counted(engine: Engine, what: type, *where: object) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(what).where(*where)) or 0  # type: ignore[arg-type]


def people_and_case(engine: Engine, tier: str, stage: str) -> tuple[dict[str, Actor], int]:
    """Return those who work in a hall, and the number of a case at a stage."""
    with writing(engine) as session:
        hall = open_hall(session)
        number = cases_at(hall, tier, stage, 1)[0].id
        return {who: hall.actor(who) for who in hall.people}, number


@pytest.mark.parametrize("times", range(3))
def test_departments_are_asked_and_answer_once(own_url: str, times: int) -> None:
    with home(own_url) as engine:
        who, number = people_and_case(engine, "specialized", "inquiries")

        def ask(name: str) -> Deed:
            return lambda session, case: ask_departments(session, who[name], who[name].seats, case, now=MONDAY)

        def answer(said: str) -> Deed:
            return lambda session, case: answer_inquiry(
                session, who["tax"], who["tax"].seats, case, answer=said, opinion="依据", now=MONDAY
            )

        assert both(engine, number, [ask("district"), ask("second_district"), ask("district")]) == 1
        assert counted(engine, Inquiry) == 5
        assert both(engine, number, [answer("clear"), answer("adverse"), answer("clear")]) == 1
        assert counted(engine, Inquiry, Inquiry.answer.is_not(None)) == 1
        assert counted(engine, CaseStep) == 2


@pytest.mark.parametrize("times", range(3))
def test_a_sample_is_drawn_and_reported_once(own_url: str, times: int) -> None:
    with home(own_url) as engine:
        who, number = people_and_case(engine, "innovative", "city_sample")

        def draw(name: str) -> Deed:
            return lambda session, _case: draw_sample(
                session, who[name], who[name].seats, tier="innovative", stage="city_sample", now=MONDAY
            )

        def report(name: str) -> Deed:
            return lambda session, case: report_sample(
                session, who[name], who[name].seats, case, result="clear", finding="到过现场", now=MONDAY
            )

        assert both(engine, number, [draw("city"), draw("second_city")]) == 1
        assert counted(engine, SampleDraw) == 1 and counted(engine, SampleMember) == 1
        assert both(engine, number, [report("city"), report("second_city")]) == 1
        assert counted(engine, SampleMember, SampleMember.result == "clear") == 1
        assert counted(engine, CaseStep) == 2
