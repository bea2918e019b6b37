"""A town in which lists are sent and jobs run."""

from datetime import date
from io import BytesIO

from casework import Hall
from hall_town import HallTown, Visitor
from make import code
from people import firm_in
from sqlalchemy import select
from werkzeug.test import TestResponse

from registry.store.engine import open_engine
from registry.store.jobs import Job
from registry.store.statements import Title
from registry.work.job_kinds import handlers
from registry.work.run_jobs import run_next

HEAD = "统一社会信用代码,企业名称,区市,梯度,类型,公告日期"
ROW = f"{code(1)},青岛示例轴承有限公司,370285,专精特新中小企业,首次,2026-05-09"


def _two_districts(hall: Hall) -> None:
    firm_in(hall.session, 2, "370214")
    firm_in(hall.session, 3, "370202")


def run(town: HallTown) -> int:
    """Let a worker do what waits; return how many jobs it did."""
    engine, did = open_engine(town.url), 0
    kinds = handlers(town.app.config["SETTINGS"])
    while run_next(engine, kinds, worker="test", clock=lambda: town.clock.at):
        did += 1
    engine.dispose()
    return did


def job_in(town: HallTown, number: int) -> Job:
    with town.rows() as session:
        return session.get_one(Job, number)


def number_of(answer: TestResponse) -> int:
    assert answer.status_code == 303, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def send(browser: Visitor, *rows: str, kind: str = "titles", name: str = "名单.csv") -> TestResponse:
    content = "\n".join((HEAD, *rows)).encode()
    return browser.post("/imports", "/imports", list=kind, file=(BytesIO(content), name))


def checked(town: HallTown, browser: Visitor, *rows: str) -> int:
    number = number_of(send(browser, *rows))
    assert run(town) == 1
    return number


def titles(town: HallTown) -> list[date]:
    with town.rows() as session:
        return list(session.scalars(select(Title.recognised_on).where(Title.source == "", Title.tier == "specialized")))
