"""The facts and the evidence that go with an application: what a firm typed, joined with what the register knows."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.codes import LADDER
from registry.domain.firms import Firm as StatedFirm
from registry.domain.periods import NEVER
from registry.store.evidence import Evidence
from registry.store.firms import Firm
from registry.store.records import FirmRecord, record_of
from registry.work.case_guards import ban_of


def facts_submitted(
    session: Session, firm: Firm, typed: StatedFirm, on: date, known: FirmRecord | None = None
) -> tuple[StatedFirm, frozenset[str]]:
    """Return the facts of a firm as they count: what it typed, with its name, the books' titles, and any ban here.

    Args:
        known: what the register knows of it, where it was read already.

    Returns:
        The firm, and the list facts that may have more entries than those known.
    """
    ban = ban_of(session, firm.id, on)
    return facts_joined(firm, typed, known or record_of(session, firm), ban.last_day if ban else None)


def facts_joined(
    firm: Firm, typed: StatedFirm, known: FirmRecord, banned_to: date | None
) -> tuple[StatedFirm, frozenset[str]]:
    """Return the same where the register was read already.

    Args:
        banned_to: the last day of the ban that binds the firm; None where none does.
    """
    facts: dict[str, Any] = dict(typed.facts)
    incomplete: frozenset[str] = frozenset()
    # The books answer for the ladder; what the firm typed of it is not asked.
    held: Any = known.firm.facts.get("titles", ())
    ladder = tuple(entry for entry in held if entry.get("kind") in LADDER)
    stated = tuple(entry for entry in facts.get("titles", ()) if entry.get("kind") not in LADDER)
    if "titles" in facts:
        facts["titles"] = (*stated, *ladder)
    elif ladder:
        facts["titles"], incomplete = ladder, frozenset({"titles"})
    # [D] Bans are imposed here and stand in the register: where it knows none, there is none.
    facts["banned_until"] = banned_to + timedelta(days=1) if banned_to is not None else NEVER
    return replace(typed, uscc=firm.uscc, name=firm.name, facts=facts), incomplete


def canonical_list(rows: list[dict[str, Any]]) -> str:
    """Return rows as the text that is kept."""
    return json.dumps(rows, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def evidence_on_file(session: Session, firm_id: int) -> list[dict[str, Any]]:
    """Return the evidence of a firm that goes with what it submits now."""
    query = select(Evidence).where(
        Evidence.firm_id == firm_id, Evidence.removed_at.is_(None), Evidence.state != "refused"
    )
    return [
        {"id": row.id, "name": row.name, "sha256": row.sha256, "criterion": row.criterion or "", "year": row.year}
        for row in session.scalars(query.order_by(Evidence.id))
    ]
