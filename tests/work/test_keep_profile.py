"""A firm's own information is kept with the version that was looked at; self-assessments are kept as they came out."""

import json
from dataclasses import replace
from datetime import date

import pytest
from casework import Hall, good_firm, open_hall
from sqlalchemy.orm import Session

from registry.domain.errors import MoveNotAllowed, Refused
from registry.domain.firm_text import firm_of
from registry.domain.trail import Tag
from registry.store.papers import Profile
from registry.store.trail import trail_page
from registry.work.apply import LONGEST_ANSWER, MOST_ANSWERS
from registry.work.keep_profile import STALE, answers_kept, assessments_kept, keep_assessment, save_profile


@pytest.fixture
def hall(session: Session) -> Hall:
    return open_hall(session)


def save(hall: Hall, changes: dict[str, str | None], version: int = 0) -> set[str]:
    actor = hall.actor("applicant")
    return save_profile(hall.session, actor, actor.seats[0], hall.firm, changes, version=version, now=hall.now)


def typed(hall: Hall) -> dict[str, str]:
    return dict(answers_kept(hall.session, hall.firm.id).typed)


def test_a_firm_that_never_typed_has_nothing_at_version_0(hall: Hall) -> None:
    kept = answers_kept(hall.session, hall.firm.id)
    assert (kept.typed, kept.version, kept.saved_at) == ({}, 0, None)


def test_what_is_typed_is_kept_over_what_was_and_the_rest_stays(hall: Hall) -> None:
    assert save(hall, {"facts.ip_class1": "5", "facts.ip_class2": "3"}) == {"facts.ip_class1", "facts.ip_class2"}
    assert save(hall, {"facts.ip_class1": "6"}, version=1) == {"facts.ip_class1"}

    assert typed(hall) == {"facts.ip_class1": "6", "facts.ip_class2": "3"}
    row = hall.session.get_one(Profile, hall.firm.id)
    assert (row.version, row.saved_at) == (2, hall.now)
    assert "测试applicant" in row.saved_by


def test_none_forgets_and_a_blank_is_an_answer(hall: Hall) -> None:
    save(hall, {"facts.ip_class1": "5", "facts.ip_class2": "3"})
    assert save(hall, {"facts.ip_class1": None, "facts.ip_class2": ""}, version=1) == {
        "facts.ip_class1",
        "facts.ip_class2",
    }
    assert typed(hall) == {"facts.ip_class2": ""}


def test_the_trail_names_the_boxes_and_never_what_stands_in_them(hall: Hall) -> None:
    save(hall, {"facts.ip_class1": "5", "facts.functional_area": "蓝谷"})
    (entry,) = trail_page(hall.session, tag=Tag.PROFILE_SAVED)
    assert json.loads(entry.after) == {"fields": ["facts.functional_area", "facts.ip_class1"], "version": 1}
    assert entry.subject == f"firm:{hall.firm.uscc}"
    assert "蓝谷" not in entry.after


def test_what_changes_nothing_leaves_version_and_trail_alone(hall: Hall) -> None:
    save(hall, {"facts.ip_class1": "5"})
    assert save(hall, {"facts.ip_class1": "5", "facts.ip_class2": None}, version=1) == set()
    assert hall.session.get_one(Profile, hall.firm.id).version == 1
    assert len(trail_page(hall.session, tag=Tag.PROFILE_SAVED)) == 1


@pytest.mark.parametrize("version", [-1, 0, 2])
def test_who_looked_at_another_version_changes_nothing(hall: Hall, version: int) -> None:
    save(hall, {"facts.ip_class1": "5"})
    with pytest.raises(MoveNotAllowed) as refused:
        save(hall, {"facts.ip_class1": "6"}, version=version)
    assert str(refused.value) == STALE
    assert typed(hall) == {"facts.ip_class1": "5"}


def test_length_and_number_of_answers_are_bounded(hall: Hall) -> None:
    save(hall, {"a": "长" * LONGEST_ANSWER})
    with pytest.raises(Refused):
        save(hall, {"a": "长" * (LONGEST_ANSWER + 1)}, version=1)
    with pytest.raises(Refused):
        save(hall, {"x" * 101: "1"}, version=1)
    save(hall, {f"b{number}": "1" for number in range(MOST_ANSWERS - 1)}, version=1)
    with pytest.raises(Refused):
        save(hall, {"c": "1"}, version=2)


def test_what_is_submitted_becomes_the_firms_own_information(hall: Hall) -> None:
    save(hall, {"facts.ip_class1": "4", "facts.own_brand": "true"})
    case = hall.begin()
    assert json.loads(case.answers) == {"facts.ip_class1": "5", "facts.own_brand": "true"}
    hall.submit(case)
    assert typed(hall) == {"facts.ip_class1": "5", "facts.own_brand": "true"}
    assert answers_kept(hall.session, hall.firm.id).version == 2


def test_a_self_assessment_is_kept_with_its_facts_and_verdict(hall: Hall) -> None:
    row = keep(hall)
    assert (row.tier, row.kind, row.verdict, row.rule_set_id) == ("innovative", "new", "met", "innovative-2022")
    assert row.assessed_on == hall.now.date()
    assert row.score_low is not None and row.score_low >= 60
    assert firm_of(row.firm) == good_firm()
    (entry,) = trail_page(hall.session, tag=Tag.ASSESSMENT_KEPT)
    assert json.loads(entry.after)["verdict"] == "met"


def test_the_same_is_not_kept_twice_and_a_change_is(hall: Hall) -> None:
    first = keep(hall)
    assert keep(hall).id == first.id
    changed = replace(good_firm(), facts={**good_firm().facts, "ip_class1": 0, "ip_class1_own": 0})
    second = keep(hall, changed)
    assert [row.id for row in assessments_kept(hall.session, hall.firm.id)] == [second.id, first.id]
    assert [row.id for row in assessments_kept(hall.session, hall.firm.id, 1)] == [second.id]


def test_a_day_without_rules_is_refused(hall: Hall) -> None:
    with pytest.raises(Refused) as refused:
        keep(hall, on=date(2000, 1, 1))
    assert [fault.path for fault in refused.value.faults] == ["on"]


def keep(hall: Hall, stated=None, on: date | None = None):
    actor = hall.actor("applicant")
    return keep_assessment(
        hall.session,
        actor,
        actor.seats[0],
        hall.firm,
        stated or good_firm(),
        tier="innovative",
        kind="new",
        on=on or hall.now.date(),
        now=hall.now,
    )
