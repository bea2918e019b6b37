"""The API of the sums: counts of a year and the target board, the same as the commands print."""

from datetime import UTC
from io import BytesIO
from typing import Any

from flask import Response

from registry import __version__
from registry.policy.targets import targets_of
from registry.sheets.writing import write_table
from registry.store.tokens import Scope
from registry.web import db
from registry.web.api import questions
from registry.web.api.room import blueprint, needs_token, scope
from registry.web.api.shapes_books import Counts, Targets
from registry.web.asking import now, today
from registry.web.signed_in import settings
from registry.work.count import count, question_of
from registry.work.lay_out_counts import Made, as_json
from registry.work.lay_out_targets import columns_of_board, cover_of_board, rows_of_board
from registry.work.targets import day_of_board, target_board


class CountsQuestion(questions.Question):
    """What is counted."""

    year = questions.year()
    as_of = questions.as_of()
    known_at = questions.Moment(**questions.said("按该时刻已知的台账，ISO 8601 · The books as known at a moment"))
    by = questions.Breakdown(**questions.said("分组，以逗号分隔 · Broken down by, with commas between"))


class TargetsQuestion(questions.Question):
    """Which board is asked for."""

    year = questions.year()
    as_of = questions.as_of()


@blueprint.get("/counts")
@scope(Scope.BOOKS)
@blueprint.answers(Counts, 401, 403, name="get_counts", tag="统计 Books", **needs_token(Scope.BOOKS))
@blueprint.asks(CountsQuestion)
def counts(asked: dict[str, Any]) -> dict[str, Any]:
    """年度统计 · Stock and flow of a year, by tier; every row balances."""
    question = question_of(
        asked["year"],
        today=today(),
        as_of=asked.get("as_of"),
        by=asked.get("by", ()),
        known_at=asked.get("known_at"),
    )
    return as_json(count(db.session(), question, now=now().astimezone(UTC)), Made(now()))


@blueprint.get("/targets")
@scope(Scope.BOOKS)
@blueprint.answers(Targets, 401, 403, name="get_targets", tag="统计 Books", **needs_token(Scope.BOOKS))
@blueprint.asks(TargetsQuestion)
def targets(asked: dict[str, Any]) -> Response:
    """年度目标 · The target board of a year: goal, value, how it was obtained, met or not."""
    year = asked["year"]
    targets_of(year)
    day = day_of_board(year, today=today(), as_of=asked.get("as_of"))
    board = target_board(db.session(), year, day, now=now().astimezone(UTC))
    zone, out = settings().zone, BytesIO()
    cover = cover_of_board(board, zone=zone, made_with=f"registry {__version__}", with_cards=False)
    # Numbers are written exactly as they are, which no floating point would do.
    rows = rows_of_board(board, zone=zone, in_words=False)
    write_table(out, "json", "年度目标", columns_of_board(), rows, cover)
    return Response(out.getvalue(), mimetype="application/json")
