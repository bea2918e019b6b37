"""The database itself refuses rows that cannot be, by a rule that says so in its name."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

FIRM = """INSERT INTO firm (id, uscc, name, name_on, created_at)
    VALUES (1, '91370285MA00000001', '甲', '2025-01-01', '2025-01-01')"""
TITLE = """INSERT INTO title
    (firm_id, tier, recognised_on, kind, valid_until, batch, source, name, filed_from, known_at, superseded_at)
    VALUES (1, '{tier}', '2023-04-19', '{kind}', '{until}', '', '', '甲', '', '2025-01-02', {superseded})"""
STAY = """INSERT INTO scale_stay
    (firm_id, entered_on, entry, exited_on, exit_reason, source, name, filed_from, known_at)
    VALUES ({firm}, '2022-01-31', '{entry}', {exited}, {reason}, '', '甲', '', '2025-01-02')"""


def title(tier: str = "specialized", kind: str = "new", until: str = "2026-04-18", superseded: str = "NULL") -> str:
    return TITLE.format(tier=tier, kind=kind, until=until, superseded=superseded)


def stay(firm: int = 1, entry: str = "annual", exited: str = "NULL", reason: str = "NULL") -> str:
    return STAY.format(firm=firm, entry=entry, exited=exited, reason=reason)


@pytest.fixture
def books(session: Session) -> Session:
    session.execute(text(FIRM))
    return session


@pytest.mark.parametrize("good", [title(), title(until="2023-04-19"), stay(), stay(exited="'2022-01-31'")])
def test_a_row_that_can_be_is_kept(books: Session, good: str) -> None:
    books.execute(text(good))


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (FIRM.replace("(1,", "(2,"), "uscc"),
        (FIRM.replace("(1, '91370285MA00000001'", "(2, '91370285MA0000001'"), "ck_firm_uscc_has_18_characters"),
        (FIRM.replace("(1, '91370285MA00000001', '甲'", "(2, '91370285MA00000002', ''"), "ck_firm_name_is_not_empty"),
        ("UPDATE firm SET district = '3702', district_on = '2025-01-01'", "ck_firm_district_has_6_digits"),
        ("UPDATE firm SET district = '370285'", "ck_firm_district_is_dated"),
        ("UPDATE firm SET industry = '34'", "ck_firm_industry_has_4_digits"),
        (title(tier="above_scale"), "ck_title_tier_is_known"),
        (title(kind="first"), "ck_title_kind_is_known"),
        (title(until="2023-04-18"), "ck_title_valid_until_not_before_recognised_on"),
        (title(superseded="'2025-01-01'"), "ck_title_superseded_after_it_was_known"),
        (stay(entry="weekly"), "ck_scale_stay_entry_is_known"),
        (stay(exited="'2022-01-30'"), "ck_scale_stay_exit_not_before_entry"),
        (stay(reason="'other'"), "ck_scale_stay_reason_only_of_an_exit"),
        (stay(exited="'2023-01-01'", reason="'bored'"), "ck_scale_stay_exit_reason_is_known"),
        (stay(firm=7), "(?i)foreign key"),
        ("INSERT INTO firm_facts (firm_id, digital_level) VALUES (1, 5)", "digital_level_within_bounds"),
        ("INSERT INTO firm_facts (firm_id, ip_class1) VALUES (1, -1)", "ip_class1_within_bounds"),
        ("INSERT INTO firm_facts (firm_id, listing) VALUES (1, 'soon')", "listing_is_known"),
        ("INSERT INTO firm_facts (firm_id, market_share) VALUES (1, 1000000000001)", "market_share_within_bounds"),
        ("INSERT INTO yearly_figures (firm_id, year, revenue) VALUES (1, 2024, -1)", "revenue_within_bounds"),
        ("INSERT INTO yearly_figures (firm_id, year, revenue) VALUES (1, 2024, 100000000000000000)", "revenue_within"),
        ("INSERT INTO yearly_figures (firm_id, year) VALUES (1, 24)", "year_within_bounds"),
        ("INSERT INTO contest (firm_id, top) VALUES (1, 100)", "top_is_allowed"),
        ("INSERT INTO award (firm_id, rank) VALUES (1, 0)", "rank_within_bounds"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_rule(books: Session, wrong: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule):
        books.execute(text(wrong))


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ("INSERT INTO firm_facts (firm_id, own_brand) VALUES (1, 2)", "own_brand_is_true_or_false|is of type boolean"),
        ("INSERT INTO yearly_figures (firm_id, year, revenue) VALUES (1, 2024, '12万')", "revenue_within|bigint"),
    ],
)
def test_a_value_of_another_type_is_refused(books: Session, wrong: str, rule: str) -> None:
    """PostgreSQL's columns have types; SQLite's keep anything that no rule refuses."""
    with pytest.raises(DBAPIError, match=rule):
        books.execute(text(wrong))


def test_only_one_row_of_a_title_holds(books: Session) -> None:
    books.execute(text(title(superseded="'2025-01-03'")))
    books.execute(text(title(superseded="'2025-01-04'")))
    books.execute(text(title()))

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        books.execute(text(title(until="2026-12-31")))


def test_a_loss_may_stand_in_the_books(books: Session) -> None:
    books.execute(text("INSERT INTO yearly_figures (firm_id, year, net_profit) VALUES (1, 2024, -99999999999999999)"))
