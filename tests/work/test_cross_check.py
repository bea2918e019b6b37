"""A form is held against the register and against itself; a firm's own code and name are never asked of the form."""

from datetime import date

from make import code, firm
from people import NOW
from sqlalchemy.orm import Session

from registry.store.queries import firm_by_uscc
from registry.work.cross_check import warnings_of
from registry.work.enrol import enrol

TODAY = date(2026, 11, 9)


def warned(session: Session, typed, known=None) -> list[tuple[str, str]]:
    enrol(session, [known or firm(1, district="370285")], now=NOW, on=NOW.date(), source="test")
    row = firm_by_uscc(session, code(1))
    assert row is not None
    return [(one.path, one.message) for one in warnings_of(session, row, typed, TODAY)]


def test_figures_other_than_the_registers_of_the_same_year_are_told_with_both(session: Session) -> None:
    known = firm(1, years={2025: {"revenue": 500_000_000, "employees": 12}, 2024: {"revenue": 1}}, district="370285")
    typed = firm(1, years={2025: {"revenue": 500_000_001, "employees": 12}, 2023: {"revenue": 9}})

    assert warned(session, typed, known) == [
        (
            "years.2025.revenue",
            "填报 500.000001 万元，库中为 500.00 万元，请核对 "
            "(stated 500.000001 x 10,000 yuan, the register has 500.00 x 10,000 yuan)",
        )
    ]


def test_what_fits_is_not_told_of(session: Session) -> None:
    years = {2025: {"revenue": 5, "main_revenue": 5, "employees": 1, "rd_staff": 1}}
    assert warned(session, firm(1, years=years), firm(1, years=years, district="370285")) == []


def test_the_form_names_no_firm_so_the_register_does(session: Session) -> None:
    # The code that stands in on forms of the self-check is another firm's; that says nothing here.
    assert warned(session, firm(77)) == []


def test_one_thing_is_told_once_and_in_the_order_of_the_form(session: Session) -> None:
    typed = firm(
        1,
        years={2025: {"revenue": 1, "main_revenue": 2}, 2024: {"rd_staff": 3, "employees": 2}},
        established_on=date(2027, 1, 1),
        ip_class1=1,
        ip_class1_own=2,
        market_rank_national=3,
    )
    assert [path for path, _message in warned(session, typed)] == [
        # Figures of before it was founded, told once a year at the first one.
        "years.2025.revenue",
        "years.2025.main_revenue",
        "years.2024.employees",
        "years.2024.rd_staff",
        "facts.established_on",
        "facts.ip_class1_own",
        "facts.market_share",
    ]
