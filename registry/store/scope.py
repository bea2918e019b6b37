"""What an actor may see, as a condition of a query: the only way to a list, and to a thing by its number.

A seat without reach finds nothing, and neither does who has not signed in as far as the permission needs: the
condition is false, never absent.
"""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import aliased

from registry.domain.actors import Actor
from registry.domain.permissions import Permission, Reach
from registry.store.cases import Application
from registry.store.claims import Claim, Invitation
from registry.store.evidence import Evidence
from registry.store.examinations import Inquiry, SampleMember
from registry.store.firms import Firm
from registry.store.lists import EVERYTHING
from registry.store.offices import Delegation, SeatRow
from registry.store.papers import ChangeReport, Report
from registry.store.publicities import Publicity
from registry.store.recognitions import Certificate, RevocationCase

# Evidence lies where its firm is managed today. The firm is asked by a name of its own, so that a query in which
# firms stand as well does not lend it theirs.
_ITS_FIRM = aliased(Firm)
_DISTRICT_OF_EVIDENCE = (
    select(_ITS_FIRM.district).where(_ITS_FIRM.id == Evidence.firm_id).correlate(Evidence).scalar_subquery()
)
# Where each thing says in which district it lies, of which firm it is, and whose it is.
_OF_DISTRICT: dict[type, Any] = {
    Firm: Firm.district,
    Claim: Claim.district,
    Evidence: _DISTRICT_OF_EVIDENCE,
    Application: Application.district,
    Publicity: Publicity.district,
    RevocationCase: RevocationCase.district,
    ChangeReport: ChangeReport.district,
    Report: Report.district,
}
_OF_FIRM: dict[type, Any] = {
    Firm: Firm.id,
    SeatRow: SeatRow.firm_id,
    Delegation: Delegation.firm_id,
    Invitation: Invitation.firm_id,
    Evidence: Evidence.firm_id,
    Application: Application.firm_id,
    Certificate: Certificate.firm_id,
    RevocationCase: RevocationCase.firm_id,
    ChangeReport: ChangeReport.firm_id,
    Report: Report.firm_id,
}
# The case that a department was asked about, or an auditor was given; by a name of its own.
_CASE = aliased(Application)


def visible_to(actor: Actor, may: Permission, thing: type) -> ColumnElement[bool]:
    """Return the condition on a table's rows that an actor may see or act on by a permission.

    Raises:
        KeyError: the permission reaches districts or firms, and the table is of neither; a slip of the caller.
    """
    if not may.admits(actor):
        return false()
    grants = may.grants or {}
    reached: list[ColumnElement[bool]] = []
    for seat in may.seats_for(actor):
        match grants[seat.role]:
            case Reach.CITY:
                return EVERYTHING
            # Without a district of its own it would compare with NULL, and find what lies in none.
            case Reach.DISTRICT if seat.district is not None:
                reached.append(_OF_DISTRICT[thing] == seat.district)
            case Reach.ASKED:
                asked = select(Inquiry.application_id).where(Inquiry.department == seat.department)
                reached.append(_of_cases(thing, asked))
            case Reach.GIVEN:
                given = select(SampleMember.application_id).where(
                    SampleMember.is_drawn, SampleMember.auditor_id == seat.office_id
                )
                reached.append(_of_cases(thing, given))
            case Reach.FIRM:
                reached.append(_OF_FIRM[thing].in_(sorted(seat.firm_ids)))
            case Reach.OWN_FIRM if seat.is_own:
                reached.append(_OF_FIRM[thing].in_(sorted(seat.firm_ids)))
    return or_(*reached) if reached else false()


def _of_cases(thing: type, cases: Any) -> ColumnElement[bool]:
    """Return the condition that a thing is one of some cases, or belongs to the firm of one."""
    if thing is Application:
        return Application.id.in_(cases)
    found: ColumnElement[bool] = _OF_FIRM[thing].in_(select(_CASE.firm_id).where(_CASE.id.in_(cases)))
    return found
