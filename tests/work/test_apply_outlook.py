"""How a draft stands before it is submitted: when it may be, what the rules ask for, what stands against it."""

from datetime import date, timedelta

import pytest
from casework import MONDAY, Hall, good_firm, open_hall, window
from sqlalchemy.orm import Session

from registry.domain.procedure import Filing, Opens
from registry.work.apply_outlook import Chance, chances, filing_words, opens_words, outlook, stands_against

SPANS = [(date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 11, 1), date(2026, 12, 31))]
BATCH, BEFORE = Filing("new", Opens.BATCH), Filing("re_review", Opens.BEFORE_EXPIRY, 90)


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


@pytest.mark.parametrize(
    ("on", "chinese", "english"),
    [
        (date(2026, 2, 28), "现在不在申报期内，下一批 2026-03-01 至 2026-03-31", "the next is from 2026-03-01"),
        (date(2026, 3, 1), "本批次开放中，2026-03-31 截止", "open and closes on 2026-03-31"),
        (date(2026, 3, 31), "本批次开放中，2026-03-31 截止", "open and closes on 2026-03-31"),
        (date(2026, 4, 1), "现在不在申报期内，下一批 2026-11-01 至 2026-12-31", "the next is from 2026-11-01"),
        (date(2027, 1, 1), "现在不在申报期内，下一批时间尚未公布", "not announced yet"),
    ],
)
def test_the_day_of_a_batch_is_told_from_its_edges(on: date, chinese: str, english: str) -> None:
    told = opens_words(BATCH, SPANS, None, on)

    assert told[0] == chinese and english in told[1]


def test_a_re_review_before_expiry_is_told_with_its_days() -> None:
    assert opens_words(BEFORE, [], date(2027, 5, 19), date(2026, 11, 9))[0] == "2027-02-18 至 2027-05-19 可以提交"
    assert "到期前" in opens_words(BEFORE, [], None, date(2026, 11, 9))[0]
    assert opens_words(Filing("new", Opens.ANY_TIME), [], None, MONDAY.date())[0] == "随时可以提交"


def found(hall: Hall) -> dict[tuple[str, str], Chance]:
    """Return what the firm may apply for."""
    actor = hall.actor("applicant")
    listed = chances(hall.session, actor, actor.seats[0], hall.firm, now=hall.now)
    return {(one.tier, one.kind): one for one in listed}


def test_a_firm_without_titles_may_begin_whatever_is_new(hall: Hall) -> None:
    by_case = found(hall)

    assert [key for key, one in by_case.items() if one.may_begin] == [
        ("innovative", "new"),
        ("specialized", "new"),
        ("little_giant", "new"),
        ("above_scale", "new"),
    ]
    assert ("above_scale", "re_review") not in by_case
    assert by_case["specialized", "new"].is_open
    assert any("没有在有效期内" in told for told in by_case["specialized", "re_review"].against)


def test_a_title_held_opens_its_re_review_and_a_case_under_way_closes_both(hall: Hall) -> None:
    hall.hold("specialized")
    by_case = found(hall)
    assert by_case["specialized", "re_review"].may_begin
    assert by_case["specialized", "re_review"].held_until == date(2027, 5, 19)
    assert by_case["specialized", "re_review"].against == ()
    case = hall.begin("specialized", "re_review")
    by_case = found(hall)
    assert by_case["specialized", "new"].under_way is case
    assert not by_case["specialized", "new"].may_begin and not by_case["specialized", "re_review"].may_begin


def test_thinking_of_a_case_leaves_nothing_behind(hall: Hall) -> None:
    hall.session.flush()
    found(hall)

    assert not hall.session.new and not hall.session.dirty


def test_a_district_files_above_scale_only(hall: Hall) -> None:
    actor = hall.actor("district")
    listed = chances(hall.session, actor, actor.seats[0], hall.firm, now=hall.now)

    assert [(one.tier, one.kind) for one in listed] == [("above_scale", "new")]


def test_the_rules_say_what_they_ask_for_and_what_is_missing(hall: Hall) -> None:
    case = hall.begin("specialized")
    seen = outlook(hall.session, case, good_firm(market_leader=True), on=MONDAY.date())

    assert {"facts.ip_class1_original", "years.2025.revenue", "years.2024.rd_expense", "facts.titles"} <= set(
        seen.asked
    )
    assert "facts.ip_class2" not in seen.asked
    assert seen.asked_by["development_score"] == ("years.2025.development_score",)
    assert seen.judged == ("facts.market_leader",)
    by_key = {one["key"]: one["verdict"] for one in seen.document["criteria"]}
    # What the firm says of itself never counts.
    assert by_key["market_leader"] == "undetermined" and by_key["ip"] == "met"
    assert seen.missing == frozenset()


def test_the_books_answer_for_the_rung_below(hall: Hall) -> None:
    case = hall.begin("specialized")
    before = outlook(hall.session, case, good_firm(), on=MONDAY.date()).document
    hall.hold("innovative")
    after = outlook(hall.session, case, good_firm(), on=MONDAY.date()).document

    assert [one["verdict"] for one in before["criteria"] if one["key"] == "rung_below"] == ["not_met"]
    assert [one["verdict"] for one in after["criteria"] if one["key"] == "rung_below"] == ["met"]


def test_a_correction_is_judged_by_the_rules_fixed_before(hall: Hall) -> None:
    case = hall.submitted("innovative")

    assert outlook(hall.session, case, good_firm(), on=MONDAY.date()).document["rule_set"]["id"] == case.rule_set_id


def test_what_stands_against_a_submission_is_told_before_it_is_tried(hall: Hall) -> None:
    actor, case = hall.actor("applicant"), hall.begin("specialized")
    assert stands_against(hall.session, actor, actor.seats, case, now=hall.now) == []
    late = MONDAY + timedelta(days=60)
    (told,) = stands_against(hall.session, actor, actor.seats, case, now=late)
    assert "不在申报期内" in told
    hall.session.add(window("specialized", date(2027, 3, 1), date(2027, 3, 31)))
    hall.session.flush()
    (told,) = stands_against(hall.session, actor, actor.seats, case, now=late)
    assert "2027-03-01 开始" in told
    assert "2027-03-01 至 2027-03-31" in filing_words(hall.session, case, late.date())[0]
    submitted = hall.submitted("innovative")
    assert stands_against(hall.session, actor, actor.seats, submitted, now=hall.now) != []
