"""What firms and bureaus of the hostile tests' city keep beside cases: revocations, papers, notices, views, jobs."""

import json
from datetime import date
from typing import Any

from matrix_canaries import FOREIGN_PHONE
from matrix_cases import HERE, NEAR, OTHER, at_work, facts_of, found_firm
from matrix_city import FIELD_KEYS, FOREIGN_DISTRICT, NEAR_PHONE
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.lookup_codes import new_code
from registry.store.jobs import Job
from registry.store.letters import Letter
from registry.store.notices import Notice, SavedView
from registry.store.papers import ChangeReport, Profile, Report, SelfAssessment, YearlyUpdate
from registry.store.recognitions import Ban, RevocationCase
from registry.store.tokens import ApiToken
from registry.work.revoke_title import propose
from registry.work.seal import Keys, seal

KEYS = Keys.parse(FIELD_KEYS)
_PLACES = {1: NEAR, 2: OTHER, 4: FOREIGN_DISTRICT}


def keep_papers(session: Session, ids: dict[str, Any]) -> None:
    """Lay down the papers of the firms 1 and 2 and of the stranger."""
    _revocations(session, ids)
    _changes(session, ids)
    _reports(session, ids)
    _of_stranger(session, ids)
    _notices(session, ids)


def _name(what: str, number: int) -> str:
    return f"foreign_{what}" if number == 4 else f"{what}{number}"


def _revocations(session: Session, ids: dict[str, Any]) -> None:
    for number, who in ((1, "district"), (2, "other_district")):
        actor, told = at_work(session, who), {"tier": "specialized", "cause": "other", "facts": "经查不再符合条件"}
        row = propose(session, actor, actor.seats[0], found_firm(session, number), now=HERE, **told)
        ids[f"revocation{number}"] = row.id
    for name, number, state in (("foreign_revocation", 4, "revoked"), ("settled_revocation", 1, "dropped")):
        firm = found_firm(session, number)
        settled = RevocationCase(
            firm_id=firm.id, uscc=firm.uscc, name=firm.name, district=_PLACES[number], tier="innovative",
            cause="false_data", facts="x", state=state, proposed_at=HERE, proposed_by=ids["foreign_reviewer"],
            firm_reply="x", firm_replied_at=HERE, hearing="x", revoked_on=HERE.date(), document="x", settled_at=HERE,
            settled_by=ids["foreign_reviewer"],
        )  # fmt: skip
        session.add(settled)
        session.flush()
        ids[name] = settled.id
    for name, number in (("ban", 31), ("foreign_ban", 4)):
        firm = found_firm(session, number)
        ban = Ban(
            firm_id=firm.id, uscc=firm.uscc, first_day=date(2025, 11, 1), last_day=date(2028, 10, 31),
            cause="false_data", source="x", made_at=HERE, made_by="x",
        )  # fmt: skip
        session.add(ban)
        session.flush()
        ids[name] = ban.id


def _changes(session: Session, ids: dict[str, Any]) -> None:
    for name, number, outcome in (
        ("change1", 1, None),
        ("change2", 2, None),
        ("settled_change", 1, "refused"),
        ("foreign_change", 4, "still_qualified"),
    ):
        row = ChangeReport(
            firm_id=found_firm(session, number).id, district=_PLACES[number], kind="rename", told="企业改名了",
            happened_on=date(2025, 11, 3), due_on=date(2026, 2, 3), reported_at=HERE, reply="x" if outcome else "",
            reported_by=ids["foreign" if number == 4 else "applicant"], outcome=outcome,
        )  # fmt: skip
        if outcome:
            row.settled_at, row.settled_by = HERE, ids["foreign_reviewer"]
        session.add(row)
        session.flush()
        ids[name] = row.id


def _reports(session: Session, ids: dict[str, Any]) -> None:
    for name, number, state in (
        ("report1", 1, "asked"),
        ("open_report", 1, "open"),
        ("report2", 2, "asked"),
        ("settled_report", 1, "settled"),
        ("foreign_report", 4, "settled"),
    ):
        row = Report(
            firm_id=found_firm(session, number).id, district=_PLACES[number], code=new_code(), reporter="李四光",
            contact_sealed="", grounds="该企业的员工人数与实际不符", state=state, made_at=HERE, firm_reply="",
            finding="", question="" if state == "open" else "贵企业的员工人数是多少", due_on=date(2025, 12, 5),
        )  # fmt: skip
        if state == "settled":
            row.firm_reply, row.firm_replied_at, row.finding = "x", HERE, "经核实不属实"
            row.is_upheld, row.settled_at, row.settled_by = False, HERE, ids["foreign_reviewer"]
        session.add(row)
        session.flush()
        phone = FOREIGN_PHONE if number == 4 else NEAR_PHONE
        row.contact_sealed = seal(KEYS, phone, about=f"report:{row.id}:contact")
        ids[name], ids[f"{name} code"] = row.id, row.code


def _of_stranger(session: Session, ids: dict[str, Any]) -> None:
    """What only firms themselves keep, and what nobody but the program does."""
    firm, who = found_firm(session, 4), ids["foreign"]
    facts = facts_of(4, "x")
    session.add(Profile(firm_id=firm.id, answers="{}", version=1, saved_at=HERE, saved_by="x"))
    kept = SelfAssessment(
        firm_id=firm.id, tier="specialized", kind="new", assessed_on=HERE.date(), rule_set_id="x", firm=facts,
        verdict="met", made_at=HERE, made_by="x",
    )  # fmt: skip
    filed = YearlyUpdate(
        firm_id=firm.id, year=2025, number=1, firm=facts, due_on=date(2025, 4, 30), filed_at=HERE, filed_by=who,
        signed_as="x",
    )  # fmt: skip
    job = Job(
        kind="x", told="{}", once="x", person_id=who, asked_by="x", seat="x", state="done", queued_at=HERE,
        due_at=HERE, worker="x", attempts=1, done=1, total=1, step="x", finished_at=HERE, fault="x", outcome="{}",
        result_name="x", result_sha256="0" * 64, result_size=1,
    )  # fmt: skip
    session.add_all([kept, filed, job])
    session.flush()
    ids["foreign_job"] = job.id
    for name in ("foreign_token", "token"):
        token = ApiToken(
            name="x", token_hash=name[0] * 64, scopes="read:books", made_at=HERE, made_by="x",
            expires_on=date(2026, 1, 1),
        )  # fmt: skip
        if name == "foreign_token":
            token.revoked_at, token.revoked_by = HERE, "x"
        session.add(token)
        session.flush()
        ids[name] = token.id


def _notices(session: Session, ids: dict[str, Any]) -> None:
    letter = session.scalars(select(Letter.id).order_by(Letter.id.desc())).first()
    people = {"district": "district", "applicant": "applicant", "foreign": "foreign", "reviewer": "foreign_reviewer"}
    for name, who in people.items():
        row = Notice(
            person_id=ids[who], template="revocation_proposed", told=json.dumps({"firm": "x"}), address="/notices",
            once=f"tests:{name}", made_at=HERE, letter_id=letter if who == "foreign" else None,
        )  # fmt: skip
        view = SavedView(person_id=ids[who], page="desk_cases.cases", name=f"筛选 {name}", query="tab=all")
        view.saved_at = HERE
        session.add_all([row, view])
        session.flush()
        ids[f"notice of {who}"], ids[f"view of {who}"] = row.id, view.id
