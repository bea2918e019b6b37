"""Returning a case: the fields that a criterion offers, what may be returned, what the firm may change then."""

import json
from datetime import date

import pytest
from casework import Hall, good_firm, open_hall
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.domain.errors import Barred, MoveNotAllowed, Refused
from registry.policy import load, rule_set_ids
from registry.store.cases import Application, ReturnedPart
from registry.store.notices import Notice
from registry.work.apply import save_answers
from registry.work.notice_words import words_of
from registry.work.return_case import (
    EVIDENCE,
    LONGEST_COMMENT,
    Part,
    facts_read,
    is_for_the_firm,
    parts_for,
    return_case,
)

DAY = date(2026, 11, 9)


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


@pytest.fixture
def case(hall: Hall) -> Application:
    made = hall.submitted("innovative")
    hall.act("district", made, "take_up")
    return made


def parts(name: str, key: str, kind: str = "new") -> list[str]:
    rule_set = load(name, kind)
    return parts_for(rule_set, next(one for one in rule_set.criteria if one.key == key), DAY)


def give_back(hall: Hall, case: Application, *chosen: Part, opinion: str = "请补正", who: str = "district") -> None:
    actor = hall.actor(who)
    return_case(hall.session, actor, actor.seats, case, chosen, opinion=opinion, version=case.version, now=hall.now)


def faults(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [fault.path for fault in refused.value.faults]


def test_a_ratio_of_each_of_two_years_offers_the_figures_of_both() -> None:
    assert parts("specialized-2026", "rd_expense_and_share") == [
        "years.2025.rd_expense",
        "years.2025.revenue",
        "years.2024.rd_expense",
        "years.2024.revenue",
        EVIDENCE,
    ]


def test_a_list_is_offered_whole_and_facts_by_their_key() -> None:
    assert parts("specialized-2026", "ip") == [
        "facts.ip_class1_original",
        "facts.ip_in_use",
        "facts.awards",
        "facts.rd_institution",
        EVIDENCE,
    ]


def test_what_a_reviewer_judges_is_not_for_the_firm_to_correct_but_to_prove() -> None:
    assert parts("specialized-2026", "market_leader") == [EVIDENCE]


def test_a_ban_is_not_for_the_firm_to_correct() -> None:
    rule_set = load("specialized-2026", "new")
    criterion = next(one for one in rule_set.criteria if "banned_until" in str(one.rule))

    assert facts_read(rule_set, criterion, DAY) == ["facts.banned_until"]
    assert parts_for(rule_set, criterion, DAY) == [EVIDENCE]


def test_compound_growth_reads_its_first_and_its_last_figure() -> None:
    rule_set = load("little_giant-2026", "new")
    criterion = next(one for one in rule_set.criteria if "Compound(" in str(one.rule))

    assert facts_read(rule_set, criterion, DAY) == ["years.2025.revenue", "years.2023.revenue"]


def test_every_part_that_any_criterion_offers_can_be_returned() -> None:
    for name in rule_set_ids():
        for kind in ("new", "re_review"):
            rule_set = load(name, kind)
            for criterion in rule_set.criteria:
                offered = parts_for(rule_set, criterion, DAY)
                assert offered[-1] == EVIDENCE and len(offered) == len(set(offered))
                assert all(is_for_the_firm(part, DAY) for part in offered), (name, criterion.key)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("facts.ip_class1", True),
        ("facts.awards", True),
        ("years.2023.revenue", True),
        ("years.2022.revenue", False),
        ("years.2026.revenue", False),
        ("years.2025.no_such", False),
        ("facts.no_such", False),
        ("facts.awards-0.level", False),
        ("facts.district", False),
        ("facts.banned_until", False),
        ("evidence", True),
        ("ip_class1", False),
        ("", False),
    ],
)
def test_what_a_firm_can_change(part: str, expected: bool) -> None:
    assert is_for_the_firm(part, DAY) is expected


def test_a_return_opens_what_was_chosen_and_nothing_else(hall: Hall, case: Application) -> None:
    give_back(hall, case, Part("facts.ip_class1", "请附专利证书并核对件数", "ip"), Part(EVIDENCE, "补充专利登记簿"))

    assert (case.state, case.round) == ("returned:district_review", 1)
    rows = list(hall.session.scalars(select(ReturnedPart).order_by(ReturnedPart.part)))
    assert [(row.round, row.part, row.criterion, row.comment) for row in rows] == [
        (1, "evidence", "", "补充专利登记簿"),
        (1, "facts.ip_class1", "ip", "请附专利证书并核对件数"),
    ]
    applicant = hall.actor("applicant")
    with pytest.raises(MoveNotAllowed, match="未被退回"):
        save_answers(hall.session, applicant, applicant.seats, case, {"facts.ip_class2": "9"}, now=hall.now)
    save_answers(hall.session, applicant, applicant.seats, case, {"facts.ip_class1": "4"}, now=hall.now)
    hall.submit(case, good_firm(ip_class1=4))
    assert (case.state, case.round) == ("stage:district_review", 2)


def test_a_part_chosen_for_two_criteria_is_one_part_with_both_comments(hall: Hall, case: Application) -> None:
    rule_set = load(case.rule_set_id or "", "new")
    first, second = (one.key for one in rule_set.criteria[:2])
    give_back(hall, case, Part(EVIDENCE, "甲", first), Part(EVIDENCE, "乙", second), Part(EVIDENCE, "甲"))

    (row,) = hall.session.scalars(select(ReturnedPart))
    assert (row.criterion, row.comment) == (first, "甲\n乙")


def test_the_firm_is_told_the_reviewers_words_of_each_part(hall: Hall, case: Application) -> None:
    first = Part("years.2025.rd_expense", "请附审计报告附注")
    give_back(hall, case, first, Part("evidence", "请补专利证书"))
    notice = hall.session.scalars(select(Notice).where(Notice.template == "case").order_by(Notice.id)).all()[-1]
    assert json.loads(notice.told)["parts"] == [
        {"comment": "请附审计报告附注", "part": "years.2025.rd_expense"},
        {"comment": "请补专利证书", "part": "evidence"},
    ]
    said = words_of(notice.template, json.loads(notice.told)).body[0]
    assert "请附审计报告附注" in said and "请补专利证书" in said


def test_a_return_without_parts_or_words_or_of_others_parts_is_refused_whole(hall: Hall, case: Application) -> None:
    with pytest.raises(Refused) as nothing:
        give_back(hall, case)
    with pytest.raises(Refused) as wrong:
        give_back(
            hall,
            case,
            Part("facts.ip_class1", "  "),
            Part("facts.ip_class2", "字" * (LONGEST_COMMENT + 1)),
            Part("facts.banned_until", "改"),
            Part("facts.ip_in_use", "改", "no_such_criterion"),
        )

    assert faults(nothing) == ["parts"]
    assert faults(wrong) == ["comment:facts.ip_class1", "comment:facts.ip_class2", "parts", "parts"]
    assert case.state == "stage:district_review"
    assert list(hall.session.scalars(select(ReturnedPart))) == []


def test_a_comment_of_just_the_longest_is_taken(hall: Hall, case: Application) -> None:
    give_back(hall, case, Part("facts.ip_class1", "字" * LONGEST_COMMENT))

    assert hall.session.get_one(ReturnedPart, (case.id, 1, "facts.ip_class1")).comment == "字" * LONGEST_COMMENT


def test_what_is_not_at_a_review_is_not_returned(hall: Hall) -> None:
    waiting = hall.submitted("innovative")
    with pytest.raises(MoveNotAllowed, match="不能退回"):
        give_back(hall, waiting, Part(EVIDENCE, "补充"))


def test_a_return_needs_an_opinion_a_seat_of_the_desk_and_the_present_version(hall: Hall, case: Application) -> None:
    with pytest.raises(MoveNotAllowed, match="意见"):
        give_back(hall, case, Part(EVIDENCE, "补充"), opinion=" ")
    with pytest.raises(Barred):
        give_back(hall, case, Part(EVIDENCE, "补充"), who="other_district")
    actor = hall.actor("district")
    with pytest.raises(MoveNotAllowed, match="变动"):
        return_case(
            hall.session,
            actor,
            actor.seats,
            case,
            [Part(EVIDENCE, "补充")],
            opinion="请补正",
            version=case.version - 1,
            now=hall.now,
        )
