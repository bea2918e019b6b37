"""The town of the load proof: the demo city with its casework, a full desk, and as many people as are to work in it.

Everything goes through the deeds of the registry, but for the applicants' password: one hash does for all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from deciders import FIELD_KEYS, SECRET, signed
from evidence_files import pdf
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.config import load_settings
from registry.domain.roles import Role
from registry.domain.trail import Doer
from registry.policy import Options
from registry.store.cases import Application
from registry.store.engine import bring_to_newest, open_engine, writing
from registry.store.firms import Firm
from registry.store.people import Person
from registry.store.records import firm_record
from registry.store.sign_ins import Factor
from registry.web.security import hash_password
from registry.web.typed import typed_of
from registry.work.apply import Submission, open_application, submit
from registry.work.case_guards import title_held
from registry.work.found_casework import found_casework
from registry.work.found_cast import DISTRICTS, Cast
from registry.work.found_city import found_city
from registry.work.found_people import DOER, found_people
from registry.work.keep_calendar import ensure_calendar
from registry.work.open_account import open_account
from registry.work.seal_keys import field_keys
from registry.work.seat import grant, office_at
from registry.work.sign_in import begin

PASSWORD = "a-Password-of-the-load-proof-1"
_PINYIN = ("qingdao", "laoshan", "jimo", "jixie", "dianzi", "kj", "haiyang", "zhizao")
_OFFICES = {Role.CITY_REVIEWER: "city", Role.STATISTICIAN: "city"}


@dataclass(frozen=True, slots=True)
class Size:
    """How large the town is.

    Attributes:
        waiting: cases that wait on the desks of the two districts, beside those of the demo city.
        applicants: people who file for a firm of their own, once each.
    """

    firms: int
    waiting: int
    applicants: int


def found_town(url: str, size: Size, staff: Sequence[tuple[str, Role]], now: datetime) -> dict[str, Any]:
    """Make the town in an empty database; return who may work in it.

    Args:
        staff: a name and a role each; district reviewers sit in the two districts in turn.
        now: in the zone of the office.

    Returns:
        `applicants`: address and firm of each; `staff`: by name, the cookie of somebody signed in with both factors;
        `names`: pieces of firms' names.
    """
    engine = open_engine(url)
    bring_to_newest(engine)
    keys, options = field_keys(FIELD_KEYS, url), Options()
    with writing(engine) as session:
        found_city(session, seed=1, firms=size.firms, now=now)
        ensure_calendar(session, now, DOER)
        found_people(session, now=now)
        found_casework(session, keys, options, typed_of, now=now)
    with writing(engine) as session:
        free = _free_firms(session, size.waiting + size.applicants, now)
        cast = Cast(session, options, typed_of)
        _submit_all(cast, free[: size.waiting], now)
        applicants = _applicants(session, free[size.waiting :], now)
        cookies = _staff(session, staff, now)
        names = [name[2:4] for name in session.scalars(select(Firm.name).order_by(Firm.id).limit(200))]
    _know_the_tables(engine)
    engine.dispose()
    return {"applicants": applicants, "staff": cookies, "names": sorted(set(names))}


def shared_by_all(names: Sequence[str], now: datetime) -> dict[str, Any]:
    """Return what every browser is told."""
    told = {"names": list(names), "pinyin": _PINYIN, "password": PASSWORD, "today": now.date().isoformat()}
    return told | {"pdf": pdf().decode("latin-1")}


def _free_firms(session: Session, count: int, now: datetime) -> list[Firm]:
    """Return firms of the two districts that have no case and hold no title, half from each.

    Raises:
        AssertionError: there are too few.
    """
    busy, found = select(Application.firm_id), []
    for district in DISTRICTS:
        here = select(Firm).where(Firm.district == district, Firm.id.not_in(busy)).order_by(Firm.uscc.desc())
        free = (one for one in session.scalars(here) if title_held(session, one.id, "innovative", now.date()) is None)
        found.append([one for one, _number in zip(free, range((count + 1) // 2), strict=False)])
    firms = [one for pair in zip(*found, strict=False) for one in pair]
    assert len(firms) >= count - 1, (len(firms), count)
    return firms


def _submit_all(cast: Cast, firms: Sequence[Firm], now: datetime) -> None:
    """Have the intermediary of the demo city submit a case of each firm."""
    actor, seat = cast.agent(firms, now)
    for firm in firms:
        record = firm_record(cast.session, firm.uscc)
        assert record is not None
        case = open_application(cast.session, actor, [seat], firm, tier="innovative", kind="new", now=now)
        cast.type_in(actor, seat, case, record.firm, now)
        told = Submission(record.firm, "徐文静")
        submit(cast.session, actor, [seat], case, told, now=now, options=cast.options)


def _applicants(session: Session, firms: Sequence[Firm], now: datetime) -> list[dict[str, str]]:
    with create_app(replace(load_settings(), secret_key=SECRET, field_keys=FIELD_KEYS)).app_context():
        hashed = hash_password(PASSWORD)
    made = []
    for number, firm in enumerate(firms):
        person = open_account(session, email=f"firm{number}@load.example", name=f"凌经办{number}", doer=DOER, now=now)
        person.password, person.password_set_at, person.email_proved_at = hashed, now, now
        grant(session, person, Role.APPLICANT, firm=firm, doer=DOER, now=now)
        made.append({"email": person.email, "uscc": firm.uscc})
    return made


def _staff(session: Session, staff: Sequence[tuple[str, Role]], now: datetime) -> dict[str, str]:
    cookies, moment = {}, int(now.timestamp())
    for number, (name, role) in enumerate(staff):
        person: Person = open_account(session, email=f"{name}@load.example", name=f"吴{name}", doer=DOER, now=now)
        place = _OFFICES.get(role, DISTRICTS[number % len(DISTRICTS)])
        grant(session, person, role, office=office_at(session, place), doer=DOER, now=now)
        doer = Doer(person.id, person.name, "", "127.0.0.1", "load")
        token = begin(session, person, Factor.TOTP, doer=doer, agent="load", hours=8, now=now)
        cookies[name] = signed({"sid": token, "seen": moment, "proved": moment})
    return cookies


def _know_the_tables(engine: Engine) -> None:
    """Let the planner see what was just written, as it would by itself a little later."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
