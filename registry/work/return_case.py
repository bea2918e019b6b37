"""Returns a case to the firm for correction: which fields it may change, with the reviewer's words. Never commits.

What is returned is chosen by criterion or by field: a criterion offers the fields that can change its verdict.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.actors import Actor, Seat
from registry.domain.case_states import Phase
from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.domain.periods import last_fiscal_year
from registry.domain.procedure import RETURNED, Procedure
from registry.policy import DEFAULTS, Options, load
from registry.rules import tree
from registry.rules.case import YEARS_BACK
from registry.rules.leaves import facts_of
from registry.rules.ruleset import Criterion, RuleSet
from registry.store.cases import Application, CaseStep, ReturnedPart
from registry.work.case_bars import procedure_of, state_of
from registry.work.case_guards import Given
from registry.work.judge_case import JUDGED
from registry.work.move_case import make_move
from registry.work.open_account import read_text
from registry.work.post import Post

EVIDENCE = "evidence"
LONGEST_COMMENT = 500
# Not for the firm to say: where it is managed is the bureau's to register, and bans stand in the register.
NOT_FOR_FIRMS = frozenset({"district", "functional_area", "banned_until"})
_FIGURE = re.compile(r"years\.([0-9]{4})\.(\w+)")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to be corrected.

    Attributes:
        part: a field by its path, or EVIDENCE.
        comment: what is to be done, in the reviewer's words; the firm reads it.
        criterion: the key of the criterion it is returned for; empty where it is returned by itself.
    """

    part: str
    comment: str
    criterion: str = ""


def facts_read(rule_set: RuleSet, criterion: Criterion, on: date) -> list[str]:
    """Return the paths of the facts that a criterion reads for a submission on a day, each once, in reading order.

    A criterion that names another reads what that one reads. A sum of points names no facts: its indicators do.
    """
    return list(dict.fromkeys(_read(rule_set, criterion.rule, last_fiscal_year(on), (criterion.key,))))


def parts_for(rule_set: RuleSet, criterion: Criterion, on: date) -> list[str]:
    """Return what the firm can correct to change the verdict of a criterion; what proves it is always one of them.

    Facts that a reviewer judges are not: what the firm says of them does not count, only what it proves.
    """
    fields = [path for path in facts_read(rule_set, criterion, on) if is_for_the_firm(path, on)]
    return [*(path for path in fields if path.removeprefix("facts.") not in JUDGED), EVIDENCE]


def is_for_the_firm(part: str, on: date) -> bool:
    """Say whether a part is one that a firm can change in a case submitted on a day."""
    if part == EVIDENCE:
        return True
    figure = _FIGURE.fullmatch(part)
    if figure:
        return figure[2] in YEAR_FACTS and int(figure[1]) in years_asked(on)
    group, _, key = part.partition(".")
    return group == "facts" and key in FIRM_FACTS and key not in NOT_FOR_FIRMS


def years_asked(on: date) -> tuple[int, ...]:
    """Return the fiscal years of which a case asks figures, the newest first."""
    last = last_fiscal_year(on)
    return tuple(last - back for back in range(YEARS_BACK))


def return_action(procedure: Procedure, case: Application) -> str | None:
    """Return the outcome of a case's present stage that leads back to the firm; None where there is none."""
    state = state_of(case)
    if state.phase is not Phase.STAGE:
        return None
    return next((one.key for one in procedure.stage(state.at).outcomes if one.to == RETURNED), None)


def return_case(
    session: Session,
    actor: Actor,
    seats: Iterable[Seat],
    case: Application,
    parts: Sequence[Part],
    *,
    opinion: str,
    version: int | None = None,
    options: Options = DEFAULTS,
    now: datetime,
    post: Post | None = None,
) -> CaseStep:
    """Return a case for correction; of a part that is chosen twice the comments are put together.

    Raises:
        Refused: at `parts` when nothing is chosen or a part is none of the firm's, at `comment:PART` when it is not
            said what to correct.
        MoveNotAllowed: the case cannot be returned now.
        Barred: the actor may not work on this case.
    """
    action = return_action(procedure_of(case), case)
    if action is None:
        raise MoveNotAllowed("本案现在不能退回补正 (the case cannot be returned now)")
    chosen = _checked(case, parts, options)
    seen = case.round
    # The move comes first: who is barred, or too late, is told that and nothing else.
    step = make_move(
        session,
        actor,
        seats,
        case,
        action,
        Given(opinion=opinion, version=version, details=_details(chosen)),
        now=now,
        post=post,
    )
    session.add_all(
        ReturnedPart(application_id=case.id, round=seen, part=one.part, criterion=one.criterion, comment=one.comment)
        for one in chosen
    )
    session.flush()
    return step


def _details(chosen: Sequence[Part]) -> dict[str, Any]:
    """Return what is kept with the step: what is to be corrected, and in whose words, for the notice to the firm."""
    return {"parts": [one.part for one in chosen], "comments": {one.part: one.comment for one in chosen}}


def _checked(case: Application, parts: Sequence[Part], options: Options) -> list[Part]:
    """Return the parts each once, or refuse them with every fault."""
    if case.rule_set_id is None or case.submitted_on is None:
        raise MoveNotAllowed("本案尚未提交 (the case was not submitted)")
    if not parts:
        raise Refused.at("parts", "请至少选择一项要企业补正的内容 (choose at least one thing to be corrected)")
    criteria = {one.key for one in load(case.rule_set_id, case.kind, options).criteria}
    faults: list[Fault] = []
    chosen: dict[str, Part] = {}
    for one in parts:
        if not is_for_the_firm(one.part, case.submitted_on):
            faults.append(
                Fault("parts", f"企业不能修改此项：{one.part[:60]} (the firm cannot change this: {one.part[:60]})")
            )
        if one.criterion and one.criterion not in criteria:
            faults.append(Fault("parts", "没有这一条款，请刷新页面重选 (no such criterion: reload the page)"))
        words = _words(one, faults)
        before = chosen.get(one.part)
        if before is None:
            chosen[one.part] = Part(one.part, words, one.criterion)
        elif words not in before.comment.split("\n"):
            chosen[one.part] = Part(one.part, f"{before.comment}\n{words}", before.criterion or one.criterion)
    if faults:
        raise Refused(dict.fromkeys(faults))
    return list(chosen.values())


def _words(one: Part, faults: list[Fault]) -> str:
    """Return the words of a part; what is wrong with them joins the faults."""
    path = f"comment:{one.part}"
    try:
        words = read_text(one.comment, path, LONGEST_COMMENT)
    except Refused as refused:
        faults.extend(refused.faults)
        return ""
    if not words:
        faults.append(Fault(path, "请写明要企业补正什么 (say what the firm is to correct)"))
    return words


def _read(rule_set: RuleSet, node: tree.Node, fiscal_year: int, seen: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    match node:
        case tree.Met(key):
            named = next((one for one in rule_set.criteria if one.key == key and key not in seen), None)
            return _read(rule_set, named.rule, fiscal_year, (*seen, key)) if named else []
        case tree.Some(key):
            return [f"facts.{key}"]
        case tree.Choose(key):
            found = [f"facts.{key}"]
        case _:
            asked = facts_of(node)
            found = [f"facts.{key}" if back is None else f"years.{fiscal_year - back}.{key}" for key, back in asked]
    return found + [path for child in tree.children(node) for path in _read(rule_set, child, fiscal_year, seen)]
