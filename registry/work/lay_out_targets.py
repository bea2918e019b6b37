"""Lays out the target board as one table: the same rows for JSON, CSV and .xlsx. Computes and writes nothing."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal

from registry.policy.attainment import METHODS, goal_in_words, plain, shown, shown_gap
from registry.policy.target_rows import HOWS, INPUTS_OF, UNITS
from registry.sheets.layout import CoverLine, ListColumn, Style, Written
from registry.store.targets import PLACES, TargetValue
from registry.work.targets import BoardRow, TargetBoard

_MET = {True: "达到", False: "未达到", None: "未知"}
_SIDES = {"below": "低于", "above": "高于区间", None: None}
# The document has it counted; until firms are selected here, what it is made of is entered.
_ENTERED_PARTS = "由工作人员录入的两项数计算"
_COLUMNS = (
    ListColumn("key", "代号", width=24),
    ListColumn("action", "行动", width=24),
    ListColumn("indicator", "指标", width=36),
    ListColumn("indicator_en", "Indicator", width=36),
    ListColumn("goal", "目标值", Style.NUMBER),
    ListColumn("comparator", "比较"),
    ListColumn("unit", "单位"),
    ListColumn("goal_text", "目标", width=24),
    ListColumn("value", "现值", Style.NUMBER),
    ListColumn("how", "取数方式"),
    ListColumn("obtained", "取数说明", width=20),
    ListColumn("as_of", "数据截至", Style.DATE, 12),
    ListColumn("source", "数据来源", width=40),
    ListColumn("author", "录入人"),
    ListColumn("entered_at", "录入时间", width=26),
    ListColumn("note", "备注", width=30),
    ListColumn("met", "是否达到"),
    ListColumn("side", "偏离方向"),
    ListColumn("gap", "差距", Style.NUMBER),
    ListColumn("projection", "年末推算", Style.NUMBER),
    ListColumn("projection_met", "推算是否达到"),
    ListColumn("projection_method", "推算方法", width=40),
    ListColumn("part", "分子", Style.NUMBER),
    ListColumn("whole", "分母", Style.NUMBER),
    ListColumn("known_firms", "已知企业数", Style.INTEGER),
    ListColumn("unknown_firms", "未知企业数", Style.INTEGER),
    ListColumn("document", "目标依据", width=36),
)


def columns_of_board() -> Sequence[ListColumn]:
    """Return the columns in the order of `rows_of_board`."""
    return _COLUMNS


def rows_of_board(board: TargetBoard, *, zone: tzinfo, in_words: bool) -> Iterator[Sequence[Written]]:
    """Yield the rows.

    Args:
        zone: of the office, in which moments are told.
        in_words: for people: met or not as a word, where an unknown is not an empty cell; else true, false and null.
    """
    for row in board.rows:
        yield _row(row, zone, in_words)


def cover_of_board(board: TargetBoard, *, zone: tzinfo, made_with: str, with_cards: bool) -> list[CoverLine]:
    """Return what the board tells of itself.

    Args:
        made_with: the program and its version.
        with_cards: also what every row means.
    """
    targets = board.targets
    lines = [
        CoverLine("year", "年度", board.year),
        CoverLine("as_of", "截至日", board.as_of),
        CoverLine("document", "目标依据", targets.document),
        CoverLine("title", "文件名称", targets.title),
        CoverLine("carried_from", "沿用年度", targets.carried_from),
        CoverLine("carried_note", "沿用说明", targets.note or None),
        CoverLine("decided", "口径说明", "；".join(targets.decided)),
        CoverLine("made_at", "制表时间", _moment(board.made_at, zone)),
        CoverLine("made_with", "制表程序", made_with),
    ]
    if with_cards:
        for row in board.rows:
            card = row.target.card
            text = f"{card.meaning}。分母：{card.denominator}；频率：{card.frequency}；责任部门：{card.department}"
            lines.append(CoverLine(row.target.key, row.target.indicator, "；".join((text, *card.decided))))
    return lines


def stored_number(stored: TargetValue) -> Decimal:
    """Return what staff entered as they wrote it, without zeros at the end."""
    return plain(Decimal(stored.value).scaleb(-PLACES))


def _row(row: BoardRow, zone: tzinfo, in_words: bool) -> Sequence[Written]:
    target, obtained, projection = row.target, row.obtained, row.projection

    def met(truth: bool | None) -> Written:
        return _MET[truth] if in_words else truth

    # Nothing is judged where there is no goal; an empty cell says so.
    is_judged = target.goal is not None
    return (
        target.key,
        target.action,
        target.indicator,
        target.indicator_en,
        None if target.goal is None else plain(target.goal),
        target.comparator,
        UNITS[target.unit][0] if in_words else target.unit,
        goal_in_words(target),
        None if obtained.value is None else shown(target, obtained.value),
        target.how,
        _ENTERED_PARTS if target.measure in INPUTS_OF else HOWS[target.how][0],
        obtained.as_of,
        obtained.source or None,
        obtained.author or None,
        None if obtained.entered_at is None else _moment(obtained.entered_at, zone),
        obtained.note or None,
        met(row.met) if is_judged else None,
        _SIDES[row.side] if in_words else row.side,
        None if row.gap is None else shown_gap(row.gap),
        projection.value if projection else None,
        met(projection.met) if projection and is_judged else None,
        METHODS[projection.method][0] if projection else None,
        _number(obtained.part),
        _number(obtained.whole),
        obtained.known,
        obtained.unknown,
        target.source,
    )


def _number(number: Decimal | None) -> Decimal | None:
    return None if number is None else plain(number)


def _moment(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")
