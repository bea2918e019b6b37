"""Which pictures the guides have: of whose page, how far down it reaches, and what is typed or opened before."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.store.cases import Application
from registry.store.claims import Claim
from registry.store.examinations import SampleDraw
from registry.store.firms import Firm
from registry.store.publications import Publication
from registry.store.publicities import Publicity
from registry.store.recognitions import Certificate

Found = dict[str, str]


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        who: of the demo city, by the first part of his address; nobody when empty.
        path: of the page; braces name what `found_in` found.
        height: how many points of the page are seen.
        before: what is done on the page first.
        top: where the picture begins, as a selector; at the top of the page unless given.
    """

    name: str
    who: str
    path: str
    height: int = 900
    before: Callable[[Page], None] = lambda page: None
    top: str = ""


# In 万元: a firm that spends less on research than is asked.
_KNOWN = {
    **{"2025.revenue": "6200", "2024.revenue": "5400", "2023.revenue": "5000"},
    **{"2025.main_revenue": "5800", "2024.main_revenue": "5100", "2023.main_revenue": "4700"},
    **{"2025.rd_expense": "150", "2024.rd_expense": "130"},
    **{"2025.total_assets": "8000", "2025.total_liabilities": "3100"},
}


def _judge(page: Page) -> None:
    """Fill in the self-check, as somebody who knows some facts of the firm and not others."""
    page.select_option("[name=tier]", "specialized")
    page.fill("[name=on]", "2026-06-01")
    for name, amount in _KNOWN.items():
        page.fill(f"[name='years.{name}']", amount)
    page.fill("[name='facts.segment_since']", "2019-05-01")
    page.locator("main form [type=submit]").last.click()
    page.wait_for_load_state()
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")


def found_in(session: Session) -> Found:
    """Return what the addresses name: one of each kind of thing in the city."""

    def case(state: str, tier: str = "", firm: int = 0) -> Application:
        query = select(Application).where(Application.state == state).order_by(Application.id)
        query = query.where(Application.tier == tier) if tier else query
        return session.scalars(query.where(Application.firm_id == firm) if firm else query).first() or _none(state)

    returned = case("returned:district_review")
    draft = case("draft")
    return {
        "draft": str(draft.id),
        "returned": str(returned.id),
        "returned_firm": session.get_one(Firm, returned.firm_id).uscc,
        "city_case": str(case("stage:city_review", "specialized").id),
        "claim": str(session.scalars(select(Claim.id).order_by(Claim.id)).first()),
        "publicity": str(session.scalars(select(Publicity.id).order_by(Publicity.last_day.desc())).first()),
        "sample": str(session.scalars(select(SampleDraw.id).order_by(SampleDraw.id)).first()),
        "publication": str(session.scalars(select(Publication.id).order_by(Publication.id)).first()),
        "certificate": str(session.scalars(select(Certificate.code).order_by(Certificate.id)).first()),
    }


def _none(state: str) -> Application:
    raise LookupError(f"the city has no case in the state {state}")


ALBUM = (
    # For firms and the public.
    Picture("front-zh", "", "/", 1000),
    Picture("assessment-zh", "", "/check", 900, _judge),
    Picture("home-zh", "xu", "/firms/{returned_firm}/home", 1080),
    Picture("tasks-zh", "xu", "/applications/{draft}", 900),
    Picture("returned-zh", "xu", "/applications/{returned}", 900),
    Picture("certificate-zh", "", "/verify/{certificate}", 800),
    Picture("lists-zh", "", "/public/lists/{publicity}", 900),
    Picture("objection-zh", "", "/public/lists/{publicity}/1/objection", 1000),
    # For reviewers.
    Picture("work-zh", "wu", "/home", 900),
    Picture("claim-zh", "wu", "/claims/{claim}", 760),
    Picture("desk-zh", "wu", "/cases", 1000),
    Picture("case-zh", "chen", "/cases/{city_case}", 1100),
    Picture("criteria-zh", "chen", "/cases/{city_case}", 1000, top="#criteria"),
    Picture("inquiries-zh", "wu", "/inquiries/overview", 800),
    Picture("publicity-zh", "chen", "/publicities/{publicity}", 900),
    Picture("sample-zh", "chen", "/samples/{sample}", 900),
    Picture("announcement-zh", "chen", "/announcements/1", 900),
    # For the bureau.
    Picture("dashboard-zh", "chen", "/dashboard", 1000),
    Picture("counts-zh", "chen", "/counts?year=2025", 900),
    Picture("targets-zh", "chen", "/targets?year=2024", 1000),
    Picture("watch-zh", "lin", "/watch/pool", 900),
    Picture("screening-zh", "lin", "/screenings?tier=specialized&show=not_yet", 900),
    Picture("imports-zh", "chen", "/imports", 800),
    Picture("publication-zh", "lin", "/publications/{publication}", 900),
    # For operators.
    Picture("people-zh", "sec", "/people", 800),
    Picture("trail-zh", "audit", "/trail", 900),
)
