"""The course of an application as its firm is told it: where it stands, what was done, what comes next.

Never the inner course: departments that were asked and samples that were drawn are no part of it.
"""

from dataclasses import dataclass
from datetime import datetime

from registry.domain.case_states import Action, Phase, State
from registry.domain.procedure import Procedure, Words
from registry.domain.told import Seen, told_firm
from registry.store.cases import Application, CaseStep
from registry.web.desk import in_words
from registry.work.case_bars import procedure_of, state_of

# What a firm sees its case pass through, in a word.
_STEP_WORDS: dict[Seen, Words] = {
    Seen.WAITING: ("提交", "Submitted"),
    Seen.DISTRICT: ("区市审核", "District review"),
    Seen.CITY: ("市级审核", "City review"),
    Seen.PUBLICITY: ("公示", "Publicity"),
    Seen.ANNOUNCING: ("公告", "Announcement"),
    Seen.OUTSIDE: ("上级或统计部门决定", "Decided outside the city"),
}
_OWN = {Action.SUBMIT: ("提交申报", "Submitted"), Action.RESUBMIT: ("补正后重新提交", "Submitted again, corrected")}
_OWN_WITHDRAWN = ("撤回申报", "Withdrawn")


@dataclass(frozen=True, slots=True)
class Milestone:
    """A station of the line of progress.

    Attributes:
        state: done, now, or to_come.
    """

    word: str
    state: str


@dataclass(frozen=True, slots=True)
class Told:
    """One thing of the history.

    Attributes:
        words: of the office, where it gave any that the firm is to read.
        is_own: the firm did it itself.
    """

    at: datetime
    title: str
    words: str = ""
    who: str = ""
    is_own: bool = False


def progress(case: Application) -> list[Milestone]:
    """Return the line of progress of a submitted case."""
    handled, state = procedure_of(case), state_of(case)
    stations = _stations(handled)
    here = _place(stations, handled, state)
    words = [in_words(_STEP_WORDS[seen]) for seen, _keys in stations]
    marks = ["done" if place < here else "now" if place == here else "to_come" for place in range(len(words))]
    return [
        *(Milestone(word, mark) for word, mark in zip(words, marks, strict=True)),
        Milestone(in_words(("结果", "Outcome")), "now" if state.is_over else "to_come"),
    ]


def _stations(handled: Procedure) -> list[tuple[Seen, tuple[str, ...]]]:
    """Return what a firm sees, one after the other, each with the stages behind it."""
    found: list[tuple[Seen, tuple[str, ...]]] = [(Seen.WAITING, ())]
    for stage in handled.stages:
        seen = told_firm(handled, State(Phase.STAGE, stage.key)).seen
        if found[-1][0] is seen:
            found[-1] = (seen, (*found[-1][1], stage.key))
        else:
            found.append((seen, (stage.key,)))
    return found


def _place(stations: list[tuple[Seen, tuple[str, ...]]], handled: Procedure, state: State) -> int:
    if state.is_over:
        return len(stations)
    if state.phase is Phase.SUBMITTED:
        return 0
    return next((place for place, (_seen, keys) in enumerate(stations) if state.at in keys), 0)


def history(case: Application, steps: list[CaseStep], names: dict[int, str]) -> list[Told]:
    """Return what was done on a case as its firm is told it, the newest first.

    Args:
        names: of the firm's own people, by their number; nobody of the offices is named.
    """
    handled = procedure_of(case)
    found = []
    for step in steps:
        before, after = State.parse(step.from_state), State.parse(step.to_state)
        own = _OWN.get(Action(step.action)) if step.action in tuple(Action) else None
        if step.action == Action.WITHDRAW:
            own = _OWN_WITHDRAWN
        if own is not None:
            # What a firm gives as the reason of its withdrawal it may read again.
            found.append(Told(step.at, in_words(own), step.opinion, names.get(step.person_id or 0, ""), True))
            continue
        was, now = told_firm(handled, before, case.kind), told_firm(handled, after, case.kind)
        if (was.seen, was.title) == (now.seen, now.title):
            continue
        tells = after.phase is Phase.RETURNED or after.is_over
        found.append(Told(step.at, in_words(now.title), step.opinion if tells else ""))
    return found[::-1]


def reason_of_end(case: Application, steps: list[CaseStep]) -> str:
    """Return the words with which a case was ended; empty where it goes on, or none were given."""
    last = steps[-1] if steps else None
    return last.opinion if last is not None and state_of(case).is_over else ""


def return_words(case: Application, steps: list[CaseStep]) -> str:
    """Return the words with which a case was returned last."""
    return next((one.opinion for one in reversed(steps) if State.parse(one.to_state).phase is Phase.RETURNED), "")
