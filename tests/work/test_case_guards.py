"""What a move needs, at its line: just there, just not, and missing; and what is told of it in both languages."""

import json
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casework import MONDAY, Hall, open_hall, window
from make import title
from sqlalchemy.orm import Session

from registry.domain.case_states import DRAFT, Guard, State
from registry.domain.casework import find_move
from registry.domain.errors import MoveNotAllowed
from registry.domain.roles import Role
from registry.policy.procedures import procedure
from registry.store.cases import Application
from registry.store.recognitions import Ban
from registry.work import case_guards
from registry.work.case_guards import (
    GUARDS,
    LONGEST_OPINION,
    Attempt,
    Given,
    answers_changed,
    ban_of,
    ensure_guarded,
    in_one,
    is_open_for,
    parts_returned,
    title_held,
    windows_of,
)
from registry.work.file_books import file_titles

TODAY = MONDAY.date()
DAY = timedelta(days=1)


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def attempt(case: Application, given: Given | None = None, session: Any = None, **parts: Any) -> Attempt:
    """An attempt of which a guard looks at the case and what is given only."""
    looked_at = [parts.get(one) for one in ("procedure", "move", "actor", "seat")]
    return Attempt(session, case, *looked_at, given or Given(), MONDAY)  # type: ignore[arg-type]


def lacks(guard: Guard, case: Application | None = None, **given: Any) -> str:
    return GUARDS[guard](attempt(case or Application(), Given(**given)))


@pytest.mark.parametrize(
    ("guard", "name", "there", "missing"),
    [
        (Guard.DECLARATION_SIGNED, "signed_as", " 凌经办 ", "请签署"),
        (Guard.SOURCE_GIVEN, "source", "省公告 2026-05-09", "请注明来源"),
        (Guard.OPINION_GIVEN, "opinion", "同", "请填写意见"),
    ],
)
def test_words_that_are_asked_for_are_not_spaces(guard: Guard, name: str, there: str, missing: str) -> None:
    assert lacks(guard, **{name: there}) == ""
    for nothing in ("", "  \n"):
        assert missing in lacks(guard, **{name: nothing})


def test_an_opinion_is_taken_at_its_longest_and_not_a_character_longer() -> None:
    assert lacks(Guard.OPINION_GIVEN, opinion=f" {'见' * LONGEST_OPINION} ") == ""
    assert str(LONGEST_OPINION) in lacks(Guard.OPINION_GIVEN, opinion="见" * (LONGEST_OPINION + 1))


def test_an_objection_needs_a_real_name() -> None:
    assert lacks(Guard.REAL_NAME_GIVEN, real_name=True) == ""
    assert "实名" in lacks(Guard.REAL_NAME_GIVEN, real_name=False)


@pytest.mark.parametrize(("role", "is_own"), [("district_reviewer", True), ("applicant", False), (None, False)])
def test_a_district_goes_on_only_with_what_it_filed_itself(role: str | None, is_own: bool) -> None:
    assert (lacks(Guard.OWN_FILING, Application(filed_role=role)) == "") is is_own


@pytest.mark.parametrize(("filer", "is_another"), [(7, False), (8, True)])
def test_who_filed_a_case_does_not_check_it(filer: int, is_another: bool) -> None:
    class Somebody:
        person_id = 7

    told = GUARDS[Guard.FILED_BY_ANOTHER](attempt(Application(filed_by=filer), actor=Somebody()))
    assert (told == "") is is_another


@pytest.mark.parametrize(
    ("due", "is_provisional", "is_overdue"),
    [
        (TODAY - DAY, False, True),
        (TODAY, False, False),
        (TODAY + DAY, False, False),
        # Nothing closes by itself on a day that may still change.
        (TODAY - DAY, True, False),
        (None, False, False),
    ],
)
def test_a_correction_is_overdue_from_the_day_after_its_last(
    due: date | None, is_provisional: bool, is_overdue: bool
) -> None:
    told = lacks(Guard.CORRECTION_OVERDUE, Application(due_on=due, due_is_provisional=is_provisional))

    assert (told == "") is is_overdue
    assert is_overdue or str(due) in told


def test_several_messages_are_told_as_one_of_both_languages() -> None:
    assert in_one(["请签署 (sign)"]) == "请签署 (sign)"
    assert in_one(["请签署 (sign)", "还有两条异议 (2 objections)"]) == "请签署；还有两条异议 (sign; 2 objections)"


@pytest.mark.parametrize(
    ("part", "is_open"),
    [
        ("facts.awards", True),
        ("facts.awards-0.level", True),
        ("facts.awards-12.on", True),
        ("facts.awards.none", True),
        ("facts.awards_more", False),
        ("facts.contests-0.top", False),
        ("facts.contests.none", False),
        ("years.2025.revenue", False),
    ],
)
def test_with_a_list_its_rows_and_its_box_are_open(part: str, is_open: bool) -> None:
    assert is_open_for(part, {"facts.awards": object()}) is is_open


def test_only_what_was_returned_may_be_changed(hall: Hall) -> None:
    case = hall.submitted("innovative")
    before = json.loads(case.answers)
    assert answers_changed(hall.session, case) == set()
    assert parts_returned(hall.session, case) == {}
    # An answer that was left empty and one that is gone are the same.
    case.answers = json.dumps({**before, "facts.x": "", **{f"facts.n{number}": "1" for number in range(7)}})
    assert answers_changed(hall.session, case) == {f"facts.n{number}" for number in range(7)}

    told = GUARDS[Guard.ONLY_RETURNED_CHANGED](attempt(case, session=hall.session))
    assert "facts.n4" in told and "facts.n5" not in told
    case.answers = json.dumps(before)
    assert GUARDS[Guard.ONLY_RETURNED_CHANGED](attempt(case, session=hall.session)) == ""


def ban(hall: Hall, first: date, last: date, **more: Any) -> None:
    row = Ban(
        firm_id=hall.firm.id, uscc=hall.firm.uscc, first_day=first, last_day=last, cause="false_data",
        source="", made_at=MONDAY, made_by="test", **more,
    )  # fmt: skip
    hall.session.add(row)
    hall.session.flush()


def test_a_title_is_held_from_its_first_to_its_last_valid_day_by_the_books(hall: Hall) -> None:
    rows = [title(1, tier="innovative", recognised_on=date(2023, 5, 10), valid_until=date(2026, 5, 9))]
    file_titles(hall.session, rows, now=MONDAY, source="test")
    held = [
        title_held(hall.session, hall.firm.id, tier, on) is not None
        for tier, on in [
            ("innovative", date(2023, 5, 9)),
            ("innovative", date(2023, 5, 10)),
            ("innovative", date(2026, 5, 9)),
            ("innovative", date(2026, 5, 10)),
            ("specialized", date(2024, 5, 10)),
        ]
    ]

    assert held == [False, True, True, False, False]
    assert title_held(hall.session, hall.firm.id + 1, "innovative", date(2024, 5, 10)) is None


def test_of_two_titles_the_one_that_ends_last_is_held(hall: Hall) -> None:
    rows = [
        title(1, tier="innovative", recognised_on=date(2023, 5, 10), valid_until=date(2026, 5, 9)),
        title(1, tier="innovative", recognised_on=date(2026, 4, 1), valid_until=date(2029, 3, 31), kind="re_review"),
    ]
    file_titles(hall.session, rows, now=MONDAY, source="test")
    held = title_held(hall.session, hall.firm.id, "innovative", date(2026, 4, 20))

    assert held is not None and held.valid_until == date(2029, 3, 31)


def test_windows_are_those_of_the_tier_and_kind_that_stand_the_newest_first(hall: Hall) -> None:
    early, late = (
        window("specialized", date(2026, 3, 1), date(2026, 3, 31)),
        window("specialized", date(2027, 1, 1), date(2027, 1, 31)),
    )
    early.kind, late.kind = "new", "re_review"
    gone = window("specialized", date(2027, 2, 1), date(2027, 2, 28))
    gone.withdrawn_at, gone.withdrawn_by = MONDAY, "test"
    hall.session.add_all([early, late, gone])
    hall.session.flush()

    def opened(kind: str) -> list[date]:
        return [one.opens_on for one in windows_of(hall.session, "specialized", kind)]

    assert opened("new") == [date(2026, 11, 1), date(2026, 3, 1)]
    assert opened("re_review") == [date(2027, 1, 1), date(2026, 11, 1)]
    assert windows_of(hall.session, "innovative", "new") == []


def test_a_case_is_submitted_on_the_days_of_its_window_and_told_when_the_next_opens(hall: Hall) -> None:
    rules = procedure("specialized", TODAY)
    case = Application(tier="specialized", kind="new", firm_id=hall.firm.id)

    def told(on: date) -> str:
        moment = MONDAY.replace(year=on.year, month=on.month, day=on.day)
        move = find_move(rules, DRAFT, "submit", Role.APPLICANT)
        made = Attempt(hall.session, case, rules, move, None, None, Given(), moment)  # type: ignore[arg-type]
        return GUARDS[Guard.WINDOW_OPEN](made)

    hall.session.add(window("specialized", date(2027, 3, 1), date(2027, 3, 31)))
    hall.session.flush()
    assert [told(date(2026, 11, 1)), told(date(2026, 12, 31)), told(date(2027, 3, 31))] == ["", "", ""]
    assert "2026-11-01" in told(date(2026, 10, 31))
    assert "2027-03-01" in told(date(2027, 1, 1))
    assert "2027" not in told(date(2027, 4, 1)) and "草稿会保留" in told(date(2027, 4, 1))


def test_a_tier_without_re_review_says_so() -> None:
    rules = procedure("above_scale", TODAY)
    told = GUARDS[Guard.WINDOW_OPEN](attempt(Application(tier="above_scale", kind="re_review"), procedure=rules))

    assert "不办理复核" in told


def test_all_that_is_lacking_is_told_at_once_and_for_the_kind_of_case_only(hall: Hall) -> None:
    rules = procedure("innovative", TODAY)
    move = find_move(rules, DRAFT, "submit", Role.APPLICANT)
    case = Application(tier="innovative", kind="re_review", firm_id=hall.firm.id)
    with pytest.raises(MoveNotAllowed) as refused:
        ensure_guarded(Attempt(hall.session, case, rules, move, None, None, Given(), MONDAY))  # type: ignore[arg-type]
    assert str(refused.value).count("；") == 2
    assert all(word in str(refused.value) for word in ("请签署", "申报期", "没有在有效期内"))

    case.kind = "new"
    ensure_guarded(Attempt(hall.session, case, rules, move, None, None, Given(signed_as="凌"), MONDAY))  # type: ignore[arg-type]


def test_the_stage_of_an_attempt_is_where_the_case_is_or_was_returned_from() -> None:
    rules = procedure("innovative", TODAY)
    for state, action, role in (
        ("stage:district_review", "recommend", Role.DISTRICT_REVIEWER),
        ("returned:district_review", "lapse", Role.DISTRICT_REVIEWER),
    ):
        move = find_move(rules, State.parse(state), action, role)
        assert attempt(Application(), procedure=rules, move=move).stage.key == "district_review"


def test_a_ban_binds_from_its_first_to_its_last_day_and_the_longest_is_told(hall: Hall) -> None:
    assert ban_of(hall.session, hall.firm.id, TODAY) is None
    ban(hall, TODAY, TODAY + 9 * DAY)
    ban(hall, TODAY - 9 * DAY, TODAY + DAY)
    ban(hall, TODAY - DAY, TODAY + 99 * DAY, lifted_at=MONDAY)
    found = {day: ban_of(hall.session, hall.firm.id, TODAY + day * DAY) for day in (-10, -9, 0, 9, 10)}

    assert [one and one.last_day for one in found.values()] == [
        None, TODAY + DAY, TODAY + 9 * DAY, TODAY + 9 * DAY, None,
    ]  # fmt: skip
    case = Application(firm_id=hall.firm.id)
    assert str(TODAY + 9 * DAY) in GUARDS[Guard.NO_BAN](attempt(case, session=hall.session))
    assert GUARDS[Guard.NO_BAN](attempt(Application(firm_id=hall.firm.id + 1), session=hall.session)) == ""


def test_a_re_review_needs_the_title_of_its_own_tier(hall: Hall) -> None:
    hall.hold("innovative")
    told = {
        tier: GUARDS[Guard.HOLDS_TITLE](attempt(Application(tier=tier, firm_id=hall.firm.id), session=hall.session))
        for tier in ("innovative", "specialized")
    }

    assert told["innovative"] == "" and "专精特新" in told["specialized"]


def test_a_window_of_another_kind_opens_nothing(hall: Hall) -> None:
    rules = procedure("little_giant", TODAY)
    for row in windows_of(hall.session, "little_giant", "new"):
        row.kind = "re_review"
    hall.session.flush()
    case = Application(tier="little_giant", kind="new", firm_id=hall.firm.id)

    assert "草稿会保留" in GUARDS[Guard.WINDOW_OPEN](attempt(case, session=hall.session, procedure=rules))


@pytest.mark.parametrize(
    ("sample", "settles", "reports"),
    [
        (None, "尚未抽取", "未被抽中"),
        (SimpleNamespace(is_drawn=False, result=None), "", "未被抽中"),
        (SimpleNamespace(is_drawn=True, result=None), "结果尚未录入", ""),
        (SimpleNamespace(is_drawn=True, result="passed"), "", "已经录入"),
    ],
)
def test_a_draw_is_settled_when_the_result_of_whoever_was_drawn_is_in(
    monkeypatch: pytest.MonkeyPatch, sample: Any, settles: str, reports: str
) -> None:
    monkeypatch.setattr(case_guards, "sample_of", lambda session, number, stage: sample)
    rules = procedure("innovative", TODAY)
    move = find_move(rules, State.parse("stage:city_sample"), "settle", Role.CITY_REVIEWER)
    told = [
        GUARDS[one](attempt(Application(id=1), procedure=rules, move=move))
        for one in (Guard.RESULTS_IN, Guard.DRAWN, Guard.NOT_SAMPLED_BEFORE)
    ]

    assert (told[0] == "") is (settles == "") and settles in told[0]
    assert (told[1] == "") is (reports == "") and reports in told[1]
    assert (told[2] == "") is (sample is None)


@pytest.mark.parametrize(
    ("held", "missing", "told"),
    [
        (None, [2027], ""),
        (SimpleNamespace(recognised_on=TODAY), [], ""),
        (SimpleNamespace(recognised_on=TODAY), [2027, 2028], "2027、2028"),
    ],
)
def test_years_without_an_update_are_named(
    monkeypatch: pytest.MonkeyPatch, held: Any, missing: list[int], told: str
) -> None:
    monkeypatch.setattr(case_guards, "title_held", lambda *asked: held)
    monkeypatch.setattr(case_guards, "updates_missing", lambda *asked: missing)
    found = GUARDS[Guard.UPDATES_MADE](attempt(Application(tier="innovative", firm_id=1)))

    assert (found == "") is (told == "") and told in found
