"""Checks that all who are timed give the same answers: a fast wrong answer is worth nothing."""

import polars as pl

from registry.rules.columns import Frames, judge
from registry.rules.explain import explain
from tests.bench import hand_written
from tests.bench.child import known_sample_of, sample_of
from tests.bench.firms import ON, RULE_SET, complete_only, sheets

# OpenFisca's numbers have 24 bits: a few shares on an edge may fall to the wrong side, no more.
_FLOAT_SLIPS = 0.001


def agreements(frames: Frames) -> list[str]:
    """Compare every reading and peer with `columns`; return a line about each.

    Raises:
        SystemExit: one of them judges otherwise.
    """
    judged = judge(RULE_SET, frames, ON)
    return [
        _spread(judged),
        _hand_written(frames, judged),
        _explain(frames, judged),
        _openfisca(frames, judged),
        _zen(frames, judged),
    ]


def _spread(judged: pl.DataFrame) -> str:
    truths = judged["verdict"]
    met, open_ = int(truths.sum()), truths.null_count()
    return f"verdicts: {met:,} met, {len(truths) - met - open_:,} not met, {open_:,} undetermined"


def _hand_written(frames: Frames, judged: pl.DataFrame) -> str:
    other = hand_written.judge(frames, ON)
    for name in other.columns:
        _refuse("the hand-written query", name, judged[name].cast(other[name].dtype).ne_missing(other[name]))
    return f"hand-written query: {len(other.columns) - 1} outputs equal on all {other.height:,} firms"


def _explain(frames: Frames, judged: pl.DataFrame) -> str:
    take = sample_of(frames)
    told = [explain(RULE_SET, sheet) for sheet in sheets(frames, take)]
    expected = judged[take]
    named = {
        one.key: [judgement.findings[one.key].truth for judgement in told] for one in RULE_SET.criteria if not one.part
    }
    answers: dict[str, list[object]] = {
        "verdict": [one.truth for one in told],
        "low": [one.scores[None][0] for one in told],
        "high": [one.scores[None][1] for one in told],
        **named,
    }
    for name, values in answers.items():
        _refuse("explain", name, expected[name].ne_missing(pl.Series(values, dtype=expected[name].dtype)))
    return f"explain: {len(answers)} outputs equal on {len(told):,} firms"


def _openfisca(frames: Frames, judged: pl.DataFrame) -> str:
    from tests.bench import peers_openfisca

    made = peers_openfisca.simulation(peers_openfisca.system(ON), frames, ON)
    answers = peers_openfisca.calculate(made, ON)
    known = complete_only(frames)
    unlike = judged["verdict"].filter(known).ne_missing(pl.Series(answers["verdict"]).filter(known)).sum()
    scores = (judged["low"].filter(known) != pl.Series(answers["score"]).cast(pl.Int16).filter(known)).sum()
    count = int(known.sum())
    if unlike > count * _FLOAT_SLIPS:
        raise SystemExit(f"openfisca-core judges {unlike} of {count} firms otherwise")
    return (
        f"openfisca-core: {count - unlike:,} of {count:,} wholly known firms judged alike; its 32-bit floats put"
        f" {unlike:,} verdicts and {scores:,} scores on the wrong side of an edge"
    )


def _zen(frames: Frames, judged: pl.DataFrame) -> str:
    from tests.bench import peers_zen

    decision = peers_zen.decision(ON)
    take = known_sample_of(frames)
    answers = [decision.evaluate(peers_zen.context(sheet))["result"] for sheet in sheets(frames, take)]
    expected = judged[take]
    for name, key in (("verdict", "verdict"), ("low", "score")):
        values = pl.Series([answer[key] for answer in answers]).cast(expected[name].dtype)
        _refuse("zen-engine", name, expected[name].ne_missing(values))
    return f"zen-engine: verdict and score equal on {len(answers):,} wholly known firms"


def _refuse(who: str, name: str, unlike: pl.Series) -> None:
    if unlike.any():
        raise SystemExit(f"{who} gives another `{name}` than columns for {unlike.sum()} firms")
