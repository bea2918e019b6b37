"""Builds the city of the hostile tests: who works there, what belongs to whom, and the stranger with his canaries."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from clients import AGENT, DOER, email_of, seat_cast
from make import code, firm, stay, title
from matrix_canaries import FOREIGN_PHONE, plant
from matrix_case_examples import compare_outcomes, lay_down_lists
from matrix_cases import build_cases
from matrix_city import FIELD_KEYS, FOREIGN_DISTRICT, KINDS, NEAR_PHONE, PASSWORD, RECOVERY, TODAY, City
from matrix_evidence import lay_down
from matrix_examined import examine_cases
from matrix_jobs import ask_for_jobs
from matrix_papers import keep_papers
from small_city import NOW, build_city, settings, whole_firm
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.app import create_app
from registry.domain.actors import Actor, Standing
from registry.domain.conflicts import TieKind, ToDecide
from registry.domain.roles import OfficeKind, Role
from registry.domain.trail import Doer, Tag
from registry.store.claims import Claim
from registry.store.engine import open_engine, writing
from registry.store.firms import Firm
from registry.store.letters import Letter
from registry.store.offices import Delegation, OfficeRow, SeatRow
from registry.store.people import KeptPassword, Passkey, Person
from registry.store.persons import person_by_email, seats_of
from registry.store.queries import firm_by_uscc
from registry.store.sign_ins import Factor, Link, Purpose, SignIn
from registry.web import db
from registry.web.security import codes, hash_password
from registry.work.amend import Reason, merge, revoke
from registry.work.claim_firm import ask_to_represent
from registry.work.decide import decide
from registry.work.declare_tie import declare, note_group
from registry.work.enrol import enrol
from registry.work.enter_target import enter_value
from registry.work.file_books import file_stays, file_titles
from registry.work.join_firm import delegate, invite, revoke_delegation
from registry.work.open_account import make_link, open_account
from registry.work.publish import freeze
from registry.work.seal import Keys
from registry.work.seat import end_seat, grant, office_at, open_office
from registry.work.secure_account import keep_recovery_codes, set_contact
from registry.work.sign_in import Door, begin, digest, end, note_failure


@pytest.fixture(scope="module", name="city")
def fixture_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """The city as it was built; a test that changes it puts it back."""
    made = build(tmp_path_factory.mktemp("matrix"))
    yield made
    with made.app.app_context():
        db.engine.dispose()


def build(folder: Path, *, is_planted: bool = True) -> City:
    """Build the city once and return the application over a copy of it.

    Args:
        is_planted: the stranger's texts are canaries, for which the chains of books and trail are broken.
    """
    master, file = folder / "master.sqlite", folder / "city.sqlite"
    build_city(master, crowd_size=3)
    seat_cast(master, NOW)
    shutil.copy(master, file)
    # Nobody listens where the single sign-on would be.
    everything = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "registry", "field_keys": FIELD_KEYS}
    app = create_app(settings(file, rate_limit="9000000 per minute", **everything), clock=lambda: NOW)
    city = City(app, file, {}, master)
    with app.app_context():
        hashed, secret = hash_password(PASSWORD), codes().generate_totp_secret()
    city.ids["totp_secret"] = secret
    engine = open_engine(f"sqlite:///{master}")
    with writing(engine) as session:
        _people(session, city, hashed, secret)
        _own_things(session, city)
        freeze(
            session, 2024, title="canary.publication.title", source="canary.publication.source",
            author="canary.publication.author", now=NOW, today=TODAY,
        )  # fmt: skip
    with writing(engine) as session:
        _foreign_firm(session, city)
    with writing(engine) as session:
        _foreign_people(session, city, hashed)
        lay_down(session, city.ids, folder)
        build_cases(session, city.ids)
        examine_cases(session, city.ids, folder)
        keep_papers(session, city.ids)
        lay_down_lists(city.ids, folder)
        ask_for_jobs(session, city.ids, folder)
    engine.dispose()
    if is_planted:
        plant(master, city.ids)
    city.restore()
    compare_outcomes(city)
    return city


def _doer(row: Person) -> Doer:
    return Doer(row.id, row.name, "", "127.0.0.1", "tests")


def _firm(session: Session, number: int) -> Firm:
    found = firm_by_uscc(session, code(number))
    assert found is not None
    return found


def _person(session: Session, who: str) -> Person:
    found = person_by_email(session, email_of(who))
    return found or open_account(session, email=email_of(who), name=f"测试 {who}", doer=DOER, now=NOW)


def _agency(session: Session, number: int) -> OfficeRow:
    return open_office(session, OfficeKind.INTERMEDIARY, f"代办{number}", uscc=code(number), doer=DOER, now=NOW)


def _people(session: Session, city: City, hashed: str, secret: str) -> None:
    one, district = _firm(session, 1), office_at(session, "370285")
    for who in ("half", "bound", "disabled", "unseated", "signed_out"):
        seat = grant(session, _person(session, who), Role.DISTRICT_REVIEWER, office=district, doer=DOER, now=NOW)
        if who == "unseated":
            end_seat(session, seat, doer=DOER, now=NOW)
    revoked, late, _idle = (_agency(session, number) for number in (920, 921, 922))
    grant(session, _person(session, "delegate_revoked"), Role.APPLICANT, office=revoked, doer=DOER, now=NOW)
    grant(session, _person(session, "delegate_late"), Role.APPLICANT, office=late, doer=DOER, now=NOW)
    row = delegate(session, one, revoked, TODAY + timedelta(days=30), doer=DOER, now=NOW)
    revoke_delegation(session, row, one, doer=DOER, now=NOW)
    week_ago = NOW - timedelta(days=7)
    delegate(session, one, late, TODAY - timedelta(days=1), doer=DOER, now=week_ago)
    city.ids["agency"], city.ids["idle_agency"] = revoked.id, late.id
    for who in KINDS:
        if who == "anonymous":
            continue
        person = _person(session, who)
        person.password, person.password_set_at = hashed, NOW
        person.email_proved_at = NOW
        city.ids[who] = person.id
        if who != "bound":
            person.tf_totp_secret, person.totp_enrolled_at = secret, NOW
        if who == "half":
            keep_recovery_codes(session, person, RECOVERY, doer=DOER, now=NOW)
            seen = int(NOW.timestamp())
            city.cookies[who] = {"half": {"who": person.fs_uniquifier, "by": "password", "at": seen}}
            continue
        factor = Factor.PASSWORD if who == "bound" else Factor.TOTP
        for which in ("extra", "live"):
            token = begin(session, person, factor, doer=_doer(person), agent=AGENT, hours=8, now=NOW)
            row_of = session.scalars(select(SignIn).where(SignIn.token_hash == digest(token))).one()
            city.ids[f"{which} session of {who}"] = row_of.id
            if who == "signed_out" and which == "live":
                end(session, row_of, reason="signed_out", doer=_doer(person), now=NOW)
        moment = int(NOW.timestamp())
        city.cookies[who] = {"sid": token, "seen": moment, "proved": moment}
    colleague = _person(session, "colleague1")
    colleague.password, colleague.password_set_at = hashed, NOW
    # Past the deed, which would end the session too: this one lives on in the table.
    _person(session, "disabled").active = False


def _own_things(session: Session, city: City) -> None:
    ids, one, two = city.ids, _firm(session, 1), _firm(session, 2)
    keys = Keys.parse(FIELD_KEYS)
    newcomer, second = _person(session, "newcomer"), _person(session, "second_claimant")
    set_contact(session, keys, newcomer, "phone", NEAR_PHONE, doer=_doer(newcomer), now=NOW)
    for name, person, number, district in (("claim", newcomer, 1, "370285"), ("second_claim", second, 2, "370202")):
        ids[name] = _claim(session, person, number, district).id
    closed = _claim(session, newcomer, 50, "370285")
    closed.state, closed.closed_at, ids["closed_claim"] = "withdrawn", NOW, closed.id
    for number, firm_row, who in ((1, one, "applicant"), (2, two, "other_applicant")):
        colleague = _person(session, f"colleague{number}")
        ids[f"seat{number}"] = grant(session, colleague, Role.APPLICANT, firm=firm_row, doer=DOER, now=NOW).id
        row, token = invite(session, firm_row, f"invitee{number}@example.com", doer=DOER, now=NOW)
        ids[f"invitation{number}"], ids[f"invitation_token{number}"] = row.id, token
        agency = session.scalars(select(OfficeRow).where(OfficeRow.name == "代办922")).one()
        ids[f"delegation{number}"] = (
            delegate(session, firm_row, agency, TODAY + timedelta(days=30), doer=DOER, now=NOW).id if number == 2 else 0
        )
        ids[f"own seat{number}"] = session.scalars(
            select(SeatRow.id).where(SeatRow.firm_id == firm_row.id, SeatRow.person_id == ids[who])
        ).one()
    ids["delegation1"] = session.scalars(
        select(Delegation.id).where(Delegation.firm_id == one.id, Delegation.until == TODAY)
    ).one()
    ids["link_token"] = make_link(session, _person(session, "colleague1"), Purpose.RESET, doer=DOER, now=NOW)
    ids["office_seat"] = session.scalars(select(SeatRow.id).where(SeatRow.person_id == ids["department"])).one()
    district = _person(session, "district")
    told = {"uscc": code(3), "kind": TieKind.FAMILY, "ended_on": None, "note": "表兄"}
    ids["tie"] = declare(session, district.id, doer=_doer(district), now=NOW, **told).id  # type: ignore[arg-type]
    ids["auditors"] = session.scalars(select(OfficeRow.id).where(OfficeRow.kind == "auditor")).one()
    for who in ("applicant", "city"):
        key = Passkey(person_id=ids[who], credential_id=who.encode(), public_key=b"k", sign_count=0, name=f"k {who}")
        key.added_at = NOW
        session.add(key)
        session.flush()
        ids[f"passkey of {who}"] = key.id


def _claim(session: Session, person: Person, number: int, district: str) -> Claim:
    told = {"uscc": code(number), "firm_name": f"示例{number}", "district": district, "position": "经理"}
    return ask_to_represent(session, person, **told, doer=_doer(person), now=NOW)


def _foreign_firm(session: Session, city: City) -> None:
    """The stranger: of firm 1's figures but for research, so that it stands on lists of who must be looked at."""
    name, seen, source = "青岛外人有限公司", {"now": NOW, "source": "canary.filing.source"}, "文件"
    like = whole_firm()
    facts = {**like.facts, "district": FOREIGN_DISTRICT, "functional_area": "外区", "titles": like.facts["titles"]}
    years = {year: {**figures, "rd_expense": 100} for year, figures in like.years.items()}
    facts["contests"] = ({"contest": "maker_china", "top": 50, "on": date(2024, 3, 1)},)
    enrol(
        session,
        [firm(4, name=name, years=years, **facts), firm(5, name="被并企业", district=FOREIGN_DISTRICT)],
        on=date(2025, 11, 1),
        actor="canary.filing.actor",
        **seen,
    )
    place = {"name": name, "district": FOREIGN_DISTRICT, "source": source}
    file_titles(
        session,
        [
            title(4, tier="innovative", recognised_on=date(2022, 10, 28), batch="批", **place),
            title(4, tier="specialized", recognised_on=date(2022, 12, 20), batch="批", **place),
            title(4, tier="little_giant", recognised_on=date(2023, 7, 1), batch="批", **place),
        ],
        **seen,
    )
    # Known late as well, so that the publication differs by a firm of each district.
    file_titles(session, [title(1, tier="little_giant", recognised_on=date(2023, 7, 1))], now=NOW, source="补报")
    gone = {"exited_on": date(2019, 12, 31), "exit_reason": "below_threshold"}
    file_stays(
        session,
        [stay(4, entered_on=date(2015, 12, 31), **gone, **place), stay(4, entered_on=date(2022, 12, 31), **place)],
        **seen,
    )
    reason = Reason("canary.filing.source", "canary.filing.actor")
    revoke(session, code(4), tier="little_giant", on=date(2024, 5, 5), cause="原因", reason=reason, now=NOW)
    merge(session, code(4), into=code(5), on=date(2025, 5, 5), reason=reason, now=NOW)
    note_group(session, code(4), "外人集团", source="年报", doer=DOER, now=NOW)
    words: dict[str, Any] = {name: f"canary.target_value.{name}" for name in ("source", "note")}
    words["doer"] = Doer.program("targets enter", "canary.target_value.author")
    day, key = date(2024, 12, 31), "above_scale_value_added_growth"
    enter_value(session, 2024, key, Decimal("12.5"), day, now=NOW, today=TODAY, **words)
    city.ids["foreign_firm"] = _firm(session, 4).id


def _foreign_people(session: Session, city: City, hashed: str) -> None:
    """Whoever belongs to the stranger: all of them are the one foreign person, whose every row is planted."""
    ids, four, keys = city.ids, _firm(session, 4), Keys.parse(FIELD_KEYS)
    person, reviewer = _person(session, "foreign"), _person(session, "foreign_reviewer")
    doer = _doer(person)
    ids |= {"foreign": person.id, "foreign_reviewer": reviewer.id}
    bureau = office_at(session, FOREIGN_DISTRICT)
    at = grant(session, reviewer, Role.DISTRICT_REVIEWER, office=bureau, doer=DOER, now=NOW)
    tie = declare(
        session, reviewer.id, uscc=code(4), kind=TieKind.FAMILY, ended_on=None, note="x", doer=_doer(reviewer), now=NOW
    )
    ids["foreign_tie"] = tie.id
    ids["foreign_claim"] = _claim(session, person, 4, FOREIGN_DISTRICT).id
    seat = grant(session, person, Role.APPLICANT, firm=four, doer=DOER, now=NOW)
    ended = grant(session, _person(session, "foreign_gone"), Role.APPLICANT, firm=four, doer=DOER, now=NOW)
    end_seat(session, ended, doer=DOER, now=NOW)
    ids |= {"foreign_seat": seat.id, "foreign_reviewer_seat": at.id}
    row, token = invite(session, four, "foreign-invitee@example.com", doer=doer, now=NOW)
    ids |= {"foreign_invitation": row.id, "foreign_invitation_token": token}
    agency, earlier = _agency(session, 940), _agency(session, 941)
    held = delegate(session, four, agency, TODAY + timedelta(days=30), doer=doer, now=NOW)
    gone = delegate(session, four, earlier, TODAY + timedelta(days=30), doer=doer, now=NOW)
    revoke_delegation(session, gone, four, doer=doer, now=NOW)
    ids |= {"foreign_office": agency.id, "foreign_delegation": held.id}
    set_contact(session, keys, person, "phone", FOREIGN_PHONE, doer=doer, now=NOW)
    person.password, person.password_set_at = hashed, NOW
    person.tf_totp_secret, person.totp_enrolled_at = "secret", NOW
    session.add(KeptPassword(person_id=person.id, password=hashed, set_at=NOW))
    key = Passkey(person_id=person.id, credential_id=b"foreign", public_key=b"k", sign_count=0, name="key")
    key.added_at = NOW
    session.add(key)
    keep_recovery_codes(session, person, ["zzzz-yyyy-xxxx"], doer=doer, now=NOW)
    make_link(session, person, Purpose.RESET, doer=doer, now=NOW)
    begin(session, person, Factor.TOTP, doer=doer, agent="agent", hours=8, now=NOW)
    door = Door.account("foreign@elsewhere.example")
    note_failure(session, [door], tag=Tag.SESSION_REFUSED, subject=f"person:{person.id}", doer=doer, now=NOW)
    session.add(
        Letter(to="x", subject="x", body_sealed="x", state="waiting", written_at=NOW, due_at=NOW, tries=0, fault="x")
    )
    session.flush()
    ids["foreign_passkey"] = key.id
    ids["foreign_session"] = session.scalars(select(SignIn.id).where(SignIn.person_id == person.id)).one()
    ids["foreign_links"] = session.scalars(select(Link.id).where(Link.person_id == person.id)).all()
    seats = seats_of(session, reviewer.id, TODAY)
    actor = Actor(reviewer.id, reviewer.name, standing=Standing.FULL, seats=seats)
    case = ToDecide(("application", 77), "district", code(5))
    decide(session, actor, seats, case, kind="new", outcome="recommended", reason="x", now=NOW)
