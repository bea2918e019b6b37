"""The procedures as a document: for each tier a diagram of its course, its stages and every move, made from the data.

Made of the same table of moves that the program goes by, so that it says what is possible and nothing else.
`python -m registry.policy.procedure_diagram` writes docs/procedures.md; a test holds the file to what is made here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from registry.domain.case_states import GUARD_WORDS, RE_REVIEW_ONLY, Action, Guard, Phase, State
from registry.domain.casework import Move, allowed, states, table
from registry.domain.codes import KIND_WORDS, TIER_WORDS, TIER_WORDS_EN
from registry.domain.procedure import (
    KIND_OF_STAGE_WORDS,
    LEVEL_WORDS,
    OPENS_WORDS,
    UNIT_WORDS,
    Filing,
    Procedure,
    Stage,
)
from registry.domain.roles import DEPARTMENT_WORDS, ROLE_WORDS
from registry.domain.told import action_words, state_words, told_firm
from registry.policy.procedures import procedures

FILE = Path(__file__).parents[2] / "docs" / "procedures.md"
KIND_WORDS_EN = {"new": "New", "re_review": "Re-review"}
INTRODUCTION = """# 办理程序 · Procedures

本文由 `registry/policy/procedures/` 的数据自动生成，与系统实际执行的一致：表中没有的流转一律不能进行。标 [D] 的是公开
文件未作规定、由本项目决定的。任何人不得在两级对同一案件作出决定，也不得决定与其有利害关系的企业，这在本表之外另行检查。

This document is made from the data under `registry/policy/procedures/`, so it is what is enforced: a move that the
tables do not hold is not possible. [D] marks what this project decided because the public texts are silent. Nobody
decides on a case at two levels, nor on a firm they are tied to; this is checked besides.
"""


def procedure_document(shipped: Iterable[Procedure]) -> str:
    """Return the whole document."""
    parts = [INTRODUCTION, *(_tier(one) for one in shipped)]
    return "\n".join(parts)


def diagram(procedure: Procedure) -> str:
    """Return the course of a procedure as a Mermaid state diagram.

    Left out are moves that leave a case where it is, and the withdrawal, which is possible in every state but the
    endings; the table below the diagram has them.
    """
    lines = ["stateDiagram-v2", "    direction TB"]
    seen = [one for one in states(procedure) if _is_drawn(procedure, one)]
    lines += [f"    {_name(one)} : {state_words(procedure, one)[0]}" for one in seen]
    lines.append(f"    [*] --> {_name(State(Phase.DRAFT))}")
    arrows: dict[tuple[State, State], list[str]] = {}
    for one in _course(procedure):
        words = arrows.setdefault((one.state, one.to), [])
        word = action_words(procedure, one.state, one.action)[0]
        if word not in words:
            words.append(word)
    lines += [f"    {_name(start)} --> {_name(to)} : {'、'.join(words)}" for (start, to), words in arrows.items()]
    lines += [f"    {_name(one)} --> [*]" for one in seen if one.is_over]
    return "\n".join(lines)


def _course(procedure: Procedure) -> Iterator[Move]:
    return (one for one in table(procedure) if not one.stays and one.action != Action.WITHDRAW)


def _is_drawn(procedure: Procedure, state: State) -> bool:
    return not state.is_over or any(one.to == state for one in _course(procedure))


def _name(state: State) -> str:
    """Return what Mermaid calls a state; a stage may be called like one of its words."""
    return f"{state.phase}_{state.at}" if state.at else f"case_{state.phase}"


def _tier(procedure: Procedure) -> str:
    """Return the chapter of a procedure."""
    chapters = (_head(procedure), _stages(procedure), _moves(procedure), _told(procedure))
    return "\n".join(chapters)


def _head(procedure: Procedure) -> str:
    until = procedure.in_force_until or "另有规定"
    filers = _both(ROLE_WORDS[one] for one in procedure.filed_by)
    filings = "；".join(_filing(one) for one in procedure.filings)
    ban = f"撤销后 {procedure.ban_years} 年" if procedure.ban_years else "无"
    ban_en = f"{procedure.ban_years} years after a revocation" if procedure.ban_years else "none"
    return f"""## {TIER_WORDS[procedure.tier]} · {TIER_WORDS_EN[procedure.tier]}

{procedure.title[0]} {procedure.title[1]}：`{procedure.id}`，{procedure.document}；{procedure.source}。

- 适用 In force：{procedure.in_force_from} 起至{until}
- 填报 Filed by：{filers}
- 申报 Windows：{filings}
- 补正期限 Correction：{procedure.correction_limit} 个工作日 working days
- 禁止申报 Ban：{ban} {ban_en}
{_list(procedure.decided)}
```mermaid
{diagram(procedure)}
```

图中略去撤回（除结果外的每个状态均可）与不改变状态的事项，见流转表。
Left out: withdrawal, possible in every state but the endings, and what leaves a case where it is; the table has both.
"""


def _filing(filing: Filing) -> str:
    chinese, english = OPENS_WORDS[filing.opens]
    days = filing.days_before_expiry
    words = f"{KIND_WORDS[filing.kind]} {KIND_WORDS_EN[filing.kind]}：{chinese}"
    return f"{words} {days} 天起 {days} days before expiry" if days else f"{words} {english}"


def _stages(procedure: Procedure) -> str:
    lines = [
        "| 序 | 环节 Stage | 类别 Kind | 办理 At work | 牵头 Led by | 期限 Time | 要求 Asked | 依据与决定 Source |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, one in enumerate(procedure.stages, 1):
        cells = (
            str(number),
            " ".join(one.words),
            " ".join(KIND_OF_STAGE_WORDS[one.kind]),
            f"{' '.join(LEVEL_WORDS[one.level])}（{_both(ROLE_WORDS[role] for role in one.roles)}）",
            " ".join(LEVEL_WORDS[one.desk]),
            _time(one),
            "<br>".join(_asked(one)) or "–",
            "<br>".join((one.source, *one.decided)),
        )
        lines.append(_row(cells))
    return "### 环节 · Stages\n\n" + "\n".join(lines) + "\n"


def _time(stage: Stage) -> str:
    if stage.publicity:
        chinese, english = UNIT_WORDS[stage.publicity.unit]
        return f"公示 {stage.publicity.days} {chinese} {english}"
    return f"{stage.limit} 个工作日 working days" if stage.limit else "–"


def _asked(stage: Stage) -> Iterator[str]:
    if stage.departments:
        yield f"{_both(DEPARTMENT_WORDS[one] for one in stage.departments)}：各答复一次 one answer each"
    if stage.sample:
        yield f"抽取 {stage.sample.share_percent}% sample"
        for level in stage.sample.never_after:
            yield f"不抽{LEVEL_WORDS[level][0]}抽查过的企业 never the firms of the {LEVEL_WORDS[level][1].lower()}"
    if stage.inspects:
        yield "可自行实地核查 may visit of its own accord"
    if stage.publicity and stage.publicity.objections_answered_first:
        yield "异议须先答复 objections answered first"


def _moves(procedure: Procedure) -> str:
    lines = [
        "| 状态 State | 角色 Role | 事项 Action | 之后 Then | 须具备 Needs | 即为决定 Decides |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for state in states(procedure):
        for one in allowed(procedure, state):
            cells = (
                " ".join(state_words(procedure, state)),
                " ".join(ROLE_WORDS[one.role]),
                " ".join(action_words(procedure, state, one.action)),
                "（不变 stays）" if one.stays else " ".join(state_words(procedure, one.to)),
                "<br>".join(_guard(guard) for guard in one.guards) or "–",
                " ".join(LEVEL_WORDS[one.decides]) if one.decides else "–",
            )
            lines.append(_row(cells))
    return "### 流转 · Moves\n\n" + "\n".join(lines) + "\n"


def _guard(guard: Guard) -> str:
    chinese, english = GUARD_WORDS[guard]
    only = "（仅复核 re-review only）" if guard in RE_REVIEW_ONLY else ""
    return f"{chinese} {english}{only}"


def _told(procedure: Procedure) -> str:
    lines = ["| 状态 State | 企业看到 The firm reads |", "| --- | --- |"]
    for state in states(procedure):
        title = " ".join(told_firm(procedure, state).title)
        if procedure.filing("re_review") and told_firm(procedure, state, "re_review").title[0] not in title:
            title += f"<br>复核 Re-review：{' '.join(told_firm(procedure, state, 're_review').title)}"
        lines.append(_row((" ".join(state_words(procedure, state)), title)))
    return "### 企业看到什么 · What the firm is told\n\n" + "\n".join(lines) + "\n"


def _both(words: Iterable[tuple[str, str]]) -> str:
    told = list(words)
    return f"{'、'.join(one[0] for one in told)} {', '.join(one[1] for one in told)}"


def _list(texts: Iterable[str]) -> str:
    return "".join(f"- {one}\n" for one in texts)


def _row(cells: Iterable[str]) -> str:
    whole = " | ".join(cell.replace("|", "\\|") for cell in cells)
    return f"| {whole} |"


if __name__ == "__main__":
    FILE.write_text(procedure_document(procedures()), "utf-8")
