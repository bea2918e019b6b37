"""What may be done with a case: the whole table by hand, everything else refused, and cases walked at random."""

from dataclasses import replace
from datetime import date

import pytest
from every_procedure import CITY, DISTRICT, EVERY, FIRM
from procedures_by_hand import LONG, SHORT

from registry.domain.case_states import (
    ACTION_WORDS,
    DRAFT,
    GUARD_WORDS,
    LAPSED,
    RE_REVIEW_ONLY,
    SUBMITTED,
    WITHDRAWN,
    Action,
    Guard,
    State,
)
from registry.domain.casework import (
    Move,
    allowed,
    ban_ends_on,
    find_move,
    move,
    moves,
    next_round,
    open_parts,
    states,
    table,
)
from registry.domain.errors import MoveNotAllowed
from registry.domain.procedure import Filing, Level, Opens, Procedure, StageKind
from registry.domain.roles import ROLE_WORDS, Role
from registry.domain.told import action_words, state_words


def at(text: str) -> State:
    return State.parse(text)


def short(one: Move) -> tuple[str, str, str, str]:
    return str(one.state), one.action, one.role.value, str(one.to)


# Written out by hand from the stages of LONG: state, action, role, state after.
LONG_MOVES = """
draft                  save       applicant           draft
draft                  submit     applicant           submitted
draft                  withdraw   applicant           ended:withdrawn
submitted              take_up    district_reviewer   stage:first
submitted              withdraw   applicant           ended:withdrawn
stage:first            inspect    district_reviewer   stage:first
stage:first            pass       district_reviewer   stage:asked
stage:first            return     district_reviewer   returned:first
stage:first            refuse     district_reviewer   ended:refused
stage:first            withdraw   applicant           ended:withdrawn
returned:first         save       applicant           returned:first
returned:first         resubmit   applicant           stage:first
returned:first         withdraw   applicant           ended:withdrawn
returned:first         lapse      district_reviewer   ended:lapsed
stage:asked            ask        district_reviewer   stage:asked
stage:asked            answer     department_officer  stage:asked
stage:asked            clear      district_reviewer   stage:shown
stage:asked            adverse    district_reviewer   ended:refused
stage:asked            withdraw   applicant           ended:withdrawn
stage:shown            object     district_reviewer   stage:shown
stage:shown            reply      district_reviewer   stage:shown
stage:shown            hand_on    district_reviewer   stage:visited
stage:shown            refuse     district_reviewer   ended:refused
stage:shown            withdraw   applicant           ended:withdrawn
stage:visited          draw       city_reviewer       stage:visited
stage:visited          report     city_reviewer       stage:visited
stage:visited          settle     city_reviewer       stage:audited
stage:visited          withdraw   applicant           ended:withdrawn
stage:audited          draw       city_reviewer       stage:audited
stage:audited          report     auditor             stage:audited
stage:audited          settle     city_reviewer       stage:second
stage:audited          withdraw   applicant           ended:withdrawn
stage:second           propose    city_reviewer       stage:last
stage:second           return     city_reviewer       returned:second
stage:second           refuse     city_reviewer       ended:refused
stage:second           withdraw   applicant           ended:withdrawn
returned:second        save       applicant           returned:second
returned:second        resubmit   applicant           stage:second
returned:second        withdraw   applicant           ended:withdrawn
returned:second        lapse      city_reviewer       ended:lapsed
stage:last             recognise  city_reviewer       ended:recognised
stage:last             refuse     city_reviewer       ended:refused
stage:last             withdraw   applicant           ended:withdrawn
"""


def test_the_table_is_what_the_stages_say() -> None:
    assert [short(one) for one in table(LONG)] == [tuple(line.split()) for line in LONG_MOVES.split("\n") if line]
    assert moves(LONG) == set(table(LONG))


def test_where_the_district_files_it_does_what_the_firm_does_for_its_own() -> None:
    by_firm = {(one.state, one.action, one.to) for one in table(SHORT) if one.level is Level.FIRM}
    by_district = [one for one in table(SHORT) if Guard.OWN_FILING in one.guards]

    assert {(one.state, one.action, one.to) for one in by_district} == by_firm
    assert {one.role for one in by_district} == {DISTRICT}
    outcomes = [
        one for one in table(SHORT) if one.state == at("stage:check") and one.action in ("pass", "return", "refuse")
    ]
    assert [one.guards for one in outcomes] == [(Guard.FILED_BY_ANOTHER, Guard.OPINION_GIVEN)] * 3
    assert not any(Guard.FILED_BY_ANOTHER in one.guards for one in table(LONG))


# What a move needs, by hand.
NEEDS = [
    (DRAFT, "submit", FIRM, "declaration_signed window_open no_ban holds_title updates_made"),
    (DRAFT, "save", FIRM, ""),
    (SUBMITTED, "take_up", DISTRICT, ""),
    (at("stage:first"), "pass", DISTRICT, "opinion_given"),
    (at("stage:first"), "return", DISTRICT, "opinion_given"),
    (at("returned:first"), "save", FIRM, "only_returned_changed"),
    (at("returned:first"), "resubmit", FIRM, "declaration_signed only_returned_changed"),
    (at("returned:first"), "lapse", DISTRICT, "correction_overdue"),
    (at("stage:asked"), "answer", Role.DEPARTMENT_OFFICER, "one_answer_each"),
    (at("stage:asked"), "clear", DISTRICT, "all_answered adverse_weighed"),
    (at("stage:asked"), "adverse", DISTRICT, "all_answered adverse_given opinion_given"),
    (at("stage:shown"), "object", DISTRICT, "real_name_given"),
    (at("stage:shown"), "reply", DISTRICT, "opinion_given"),
    (at("stage:shown"), "hand_on", DISTRICT, "publicity_over publicity_certain objections_answered none_upheld"),
    (
        at("stage:shown"),
        "refuse",
        DISTRICT,
        "publicity_over publicity_certain objections_answered one_upheld opinion_given",
    ),
    (at("stage:visited"), "draw", CITY, "not_sampled_before"),
    (at("stage:visited"), "report", CITY, "drawn"),
    (at("stage:visited"), "settle", CITY, "results_in"),
    (at("stage:audited"), "draw", CITY, ""),
    (at("stage:audited"), "settle", CITY, "results_in"),
    (at("stage:second"), "propose", CITY, "opinion_given"),
    (at("stage:last"), "recognise", CITY, "opinion_given source_given none_upheld no_ban"),
    (at("stage:last"), "refuse", CITY, "opinion_given"),
]


@pytest.mark.parametrize(("state", "action", "role", "needs"), NEEDS, ids=lambda one: str(one))
def test_a_move_needs_what_its_stage_asks(state: State, action: str, role: Role, needs: str) -> None:
    assert " ".join(find_move(LONG, state, action, role).guards) == needs


def test_only_a_re_review_needs_the_title_and_the_updates() -> None:
    submit = find_move(LONG, DRAFT, "submit", FIRM)

    assert submit.needs("re_review") == submit.guards
    assert submit.needs("new") == (Guard.DECLARATION_SIGNED, Guard.WINDOW_OPEN, Guard.NO_BAN)
    assert find_move(SHORT, DRAFT, "submit", FIRM).guards == (Guard.DECLARATION_SIGNED, Guard.WINDOW_OPEN)
    assert not any(RE_REVIEW_ONLY & set(one.guards) for one in table(SHORT))


def test_what_was_decided_outside_is_recorded_with_its_source_whatever_it_is() -> None:
    for action in ("entered", "not"):
        assert find_move(SHORT, at("stage:outside"), action, Role.STATISTICIAN).guards == (Guard.SOURCE_GIVEN,)


def test_a_publicity_that_asks_no_answer_to_objections_is_closed_without() -> None:
    loose = tuple(
        replace(one, publicity=replace(one.publicity, objections_answered_first=False)) if one.publicity else one
        for one in LONG.stages
    )

    needs = find_move(replace(LONG, stages=loose), at("stage:shown"), "hand_on", DISTRICT).guards
    assert needs == (Guard.PUBLICITY_OVER, Guard.PUBLICITY_CERTAIN, Guard.NONE_UPHELD)


def test_a_level_decides_when_the_case_leaves_its_hands() -> None:
    decided = [(one.state.at, one.action, one.decides) for one in table(LONG) if one.decides]

    assert decided == [
        ("first", "refuse", Level.DISTRICT),
        ("asked", "adverse", Level.DISTRICT),
        ("shown", "hand_on", Level.DISTRICT),
        ("shown", "refuse", Level.DISTRICT),
        ("second", "refuse", Level.CITY),
        ("last", "recognise", Level.CITY),
        ("last", "refuse", Level.CITY),
    ]


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.id)
def test_every_move_of_the_table_is_made_and_nothing_else(procedure: Procedure) -> None:
    known = {(one.state, one.action, one.role): one.to for one in table(procedure)}
    assert len(known) == len(table(procedure)), "what an action leads to is one state"
    actions = [*sorted({one.action for one in table(procedure)} | set(Action)), "dance"]
    for state in states(procedure):
        for role in Role:
            for action in actions:
                if (state, action, role) in known:
                    assert move(procedure, state, action, role) == known[state, action, role]
                    continue
                with pytest.raises(MoveNotAllowed) as refused:
                    move(procedure, state, action, role)
                said = str(refused.value)
                assert all(word in said for word in state_words(procedure, state))
                if state.is_over:
                    assert "不再流转" in said and "nothing follows" in said
                else:
                    assert all(word in said for word in (*ROLE_WORDS[role], *action_words(procedure, state, action)))
                for one in allowed(procedure, state):
                    words = (*action_words(procedure, state, one.action), *ROLE_WORDS[one.role])
                    assert all(word in said for word in words)


def test_a_refusal_reads_in_both_languages() -> None:
    with pytest.raises(MoveNotAllowed) as refused:
        move(LONG, at("stage:last"), "submit", FIRM)

    assert str(refused.value) == (
        "本案现处于“环节last”，企业经办人不能“提交”；现在可以：市级审核员：“词recognise”“词refuse”；企业经办人：“撤回” "
        "(the case is at “Stage last”; Applicant may not “Submit”. "
        "Now possible – City reviewer: “word recognise”, “word refuse”; Applicant: “Withdraw”)"
    )
    with pytest.raises(
        MoveNotAllowed, match=r"^本案已撤回，不再流转 \(the case is closed – Withdrawn: nothing follows\)$"
    ):
        move(LONG, WITHDRAWN, "submit", FIRM)


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.id)
def test_only_the_city_or_an_outside_authority_recognises(procedure: Procedure) -> None:
    for one in table(procedure):
        if str(one.to) in ("ended:recognised", "ended:entered"):
            kind = procedure.stage(one.state.at).kind
            assert kind in (StageKind.DECISION, StageKind.OUTSIDE)
            assert one.role is not FIRM


@pytest.mark.parametrize("procedure", EVERY, ids=lambda one: one.id)
def test_every_state_is_written_and_read_again(procedure: Procedure) -> None:
    texts = [str(one) for one in states(procedure)]

    assert [State.parse(text) for text in texts] == list(states(procedure))
    assert len(set(texts)) == len(texts)
    assert texts[:2] == ["draft", "submitted"]


def test_a_text_that_is_no_state_is_not_read() -> None:
    with pytest.raises(ValueError, match="limbo"):
        State.parse("limbo:first")


def test_submitting_again_begins_the_next_round_and_nothing_else_does() -> None:
    assert next_round(1, Action.RESUBMIT) == 2
    assert next_round(2, "resubmit") == 3
    assert {next_round(1, one) for one in (*Action, "return") if one != Action.RESUBMIT} == {1}


def test_of_a_returned_case_only_what_was_returned_is_open() -> None:
    parts = frozenset({"basics", "figures", "papers"})

    assert open_parts(DRAFT, parts) == parts
    assert open_parts(at("returned:first"), parts, frozenset({"papers", "gone"})) == {"papers"}
    assert open_parts(at("returned:first"), parts) == frozenset()
    for state in (SUBMITTED, at("stage:first"), WITHDRAWN, LAPSED):
        assert open_parts(state, parts, parts) == frozenset()


def test_a_ban_lasts_three_years_less_a_day() -> None:
    assert ban_ends_on(LONG, date(2024, 2, 29)) == date(2027, 2, 27)
    assert ban_ends_on(LONG, date(2025, 3, 1)) == date(2028, 2, 29)
    assert ban_ends_on(SHORT, date(2025, 3, 1)) is None


def test_a_window_is_open_on_its_first_and_its_last_day() -> None:
    batch = Filing("new", Opens.BATCH)
    windows = [(date(2025, 3, 1), date(2025, 3, 31)), (date(2025, 9, 1), date(2025, 9, 1))]

    days = [
        date(2025, 2, 28),
        date(2025, 3, 1),
        date(2025, 3, 31),
        date(2025, 4, 1),
        date(2025, 9, 1),
        date(2025, 9, 2),
    ]
    assert [batch.is_open(day, windows) for day in days] == [False, True, True, False, True, False]
    assert not batch.is_open(days[1])
    assert Filing("new", Opens.ANY_TIME).is_open(days[0])


def test_a_re_review_opens_before_the_title_ends_and_closes_with_it() -> None:
    filing, last = Filing("re_review", Opens.BEFORE_EXPIRY, 90), date(2025, 6, 30)

    days = [date(2025, 3, 31), date(2025, 4, 1), last, date(2025, 7, 1)]
    assert [filing.is_open(day, (), last) for day in days] == [False, True, True, False]
    assert not filing.is_open(last, (), None)


def test_a_procedure_is_in_force_on_its_first_and_its_last_day() -> None:
    days = [date(2022, 7, 31), date(2022, 8, 1), date(2030, 12, 31), date(2031, 1, 1)]

    assert [LONG.is_in_force(day) for day in days] == [False, True, True, False]
    assert SHORT.is_in_force(days[-1])
    assert SHORT.filing("re_review") is None
    with pytest.raises(KeyError):
        SHORT.stage("first")


def test_every_action_and_every_guard_has_words_and_guards_are_used() -> None:
    assert ACTION_WORDS.keys() == set(Action)
    assert GUARD_WORDS.keys() == set(Guard)
    assert all(chinese and english for chinese, english in (*ACTION_WORDS.values(), *GUARD_WORDS.values()))
    assert {guard for one in EVERY for step in table(one) for guard in step.guards} == set(Guard)
