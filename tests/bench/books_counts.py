"""Counts the books by whatever they can be broken down by, makes the year's workbook, and imports titles."""

import csv
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.store.books import BREAKDOWNS
from registry.store.engine import open_engine
from registry.store.firms import Firm
from registry.store.statements import Title
from registry.work.count import count, question_of
from tests.bench.books_pages import environment_of
from tests.bench.books_registers import COPIED_AT, NOW, Register
from tests.bench.books_timing import Looks, Usage, look, usage

YEAR = 2024
ROWS = 10_000
_BY = {"nothing": (), **{name: (name,) for name in BREAKDOWNS}, "all four": BREAKDOWNS}
_RUNS, _PATIENCE = 7, 10.0
# A list of titles as the program reads it; the firms are such as stand in no book, so that none is in the ledger.
_HEADINGS = ("统一社会信用代码", "企业名称", "区市", "梯度", "类型", "公告日期", "批次", "依据文件")


def counts(register: Register) -> dict[str, Looks]:
    """Count a year by each thing and by all, as known now and as known at a moment, which is read row by row."""
    engine = open_engine(register.url)
    found = {}
    for words, known_at in (("", None), (", as known at a moment", COPIED_AT)):
        for name, by in _BY.items():

            def deed(by: Sequence[str] = by, known_at: datetime | None = known_at) -> None:
                question = question_of(YEAR, today=NOW.date(), by=by, known_at=known_at)
                with Session(engine) as session:
                    count(session, question, now=NOW)

            found[f"count by {name}{words}"] = look([deed] * _RUNS, _PATIENCE)
    engine.dispose()
    return found


def workbook(register: Register, folder: Path) -> Usage:
    """Have the program write the whole annual workbook."""
    out = folder / "annual.xlsx"
    taken = _run(register, "counts", "--year", str(YEAR), "--by", "all", "--format", "xlsx", "--out", str(out))
    out.unlink()
    return taken


def import_titles(register: Register, folder: Path) -> Usage:
    """Have the program import a list of new titles; the register holds them afterwards."""
    out = folder / "titles.csv"
    engine = open_engine(register.url)
    with Session(engine) as session, out.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(_HEADINGS)
        lines.writerows(_unlisted(session))
    engine.dispose()
    taken = _run(register, "import", "titles", str(out))
    out.unlink()
    return taken


def _unlisted(session: Session) -> list[tuple[str, ...]]:
    """Return a new title for each of many firms without one, spread over the whole register."""
    query = select(Firm.uscc, Firm.name, Firm.district).where(
        Firm.id.not_in(select(Title.firm_id)), Firm.district.is_not(None)
    )
    firms = session.execute(query.order_by(Firm.id)).all()
    if len(firms) < ROWS:
        raise SystemExit(f"only {len(firms):,} firms without a title")
    chosen = [firms[place * len(firms) // ROWS] for place in range(ROWS)]
    told = ("创新型中小企业", "首次", "2026-10-30", "2026-10", "示例文件")
    return [(firm.uscc, firm.name, firm.district, *told) for firm in chosen]


def _run(register: Register, *words: str) -> Usage:
    program = str(Path(sys.executable).parent / "registry")
    return usage([program, *words], environment_of(register))
