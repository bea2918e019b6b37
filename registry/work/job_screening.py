"""Jobs of screening: the whole list as a workbook, and the call-up lists of chosen firms, a workbook per district."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.evidence.vault import Vault
from registry.policy import Options, choose
from registry.rules.case import sheet_of
from registry.rules.explain import Judgement, explain
from registry.rules.ruleset import RuleSet
from registry.rules.wording import VERDICTS
from registry.sheets.layout import CoverLine, ListColumn
from registry.sheets.writing import write_table
from registry.store.records import firm_records
from registry.store.still import reading_long
from registry.work.job_files import ensure_vault, keep, written
from registry.work.lay_out_screening import VERDICT_WORDS, write_screening
from registry.work.run_jobs import Effect, Result, Running
from registry.work.screen import Screened, Screening, screen

# So many firms a page shows, and so many can be called up at once.
SHOWN = 100


def write_list(running: Running, vault: Vault | None, options: Options) -> Effect:
    """Screen the register for a tier on a day, and write the list as a workbook."""
    vault = ensure_vault(vault)
    told = running.told
    day, district = date.fromisoformat(told["on"]), told.get("district")
    running.note(0, 0, "判定 (judging)", now=True)
    with reading_long(running.engine) as session:
        screening = screen(
            session,
            told["tier"],
            told["kind"],
            day,
            district=district,
            rule_set=told.get("rule_set"),
            options=options,
        )
    running.note(0, screening.firms.height, "写出 (writing)", now=True)
    with written(vault, running.id, "xlsx") as place:
        write_screening(screening, _noted(running, screening), "xlsx", place)
        sha256, size = keep(vault, place)
    name = f"筛查-{TIER_WORDS[told['tier']]}-{day}{f'-{_place_word(district)}' if district else ''}.xlsx"
    nearest = [as_row(one) for one in first(screening, told.get("show", ""))]
    shown = {"rule_set": screening.chosen.rule_set.id, "firms": nearest}
    return lambda session: Result(dict(screening.counts()), name, sha256, size, shown)


def write_call_up(running: Running, vault: Vault | None, options: Options) -> Effect:
    """Write what each chosen firm lacks, in a workbook per district; several are packed together."""
    vault = ensure_vault(vault)
    told = running.told
    day, codes = date.fromisoformat(told["on"]), list(told["firms"])
    chosen = choose(told["tier"], told["kind"], day, options, rule_set=told.get("rule_set"))
    by_district: dict[str | None, list[tuple[str, ...]]] = {}
    # Read before anything is noted: whoever reads keeps a writer of SQLite waiting.
    with Session(running.engine) as session:
        records = firm_records(session, codes)
    for number, code in enumerate(codes):
        running.note(number, len(codes), "判定 (judging)")
        record = records.get(code)
        if record is None:
            continue
        judged = explain(chosen.rule_set, sheet_of(record.firm, day, record.incomplete_lists))
        row = (code, record.firm.name, VERDICT_WORDS[VERDICTS[judged.truth]], *_lacks(judged))
        by_district.setdefault(_district_of(record.firm.facts), []).append(row)
    head = f"提升清单-{TIER_WORDS[told['tier']]}-{day}"
    cover = _cover(chosen.rule_set, told, day)
    count = sum(map(len, by_district.values()))
    if len(by_district) == 1:
        ((district, rows),) = by_district.items()
        name, ending = f"{head}-{_place_word(district)}.xlsx", "xlsx"
        with written(vault, running.id, ending) as place:
            _write_one(place, rows, [*cover, _of_district(district)])
            sha256, size = keep(vault, place)
    else:
        name, ending = f"{head}.zip", "zip"
        with written(vault, running.id, ending) as place:
            _write_all(vault, running, place, head, cover, by_district)
            sha256, size = keep(vault, place)
    return lambda session: Result({"firms": count, "districts": len(by_district)}, name, sha256, size)


def first(screening: Screening, show: str = "") -> list[Screened]:
    """Return the firms of a screening that are nearest to passing.

    Args:
        show: `met` or `not_yet` for those alone; all unless given.
    """
    firms = screening.firms
    if show:
        is_met = pl.col("verdict").fill_null(value=False)
        firms = firms.filter(is_met if show == "met" else ~is_met)
    return list(Screening(screening.chosen, screening.on, screening.district, firms.head(SHOWN)).rows())


def as_row(one: Screened) -> dict[str, Any]:
    """Return a firm of a screening as JSON can hold it."""
    return {
        "uscc": one.uscc,
        "name": one.name,
        "district": one.district,
        "verdict": one.verdict,
        "low": one.low,
        "high": one.high,
        "fails": list(one.fails),
        "undetermined": list(one.undetermined),
    }


def _noted(running: Running, screening: Screening) -> Iterator[Screened]:
    total = screening.firms.height
    for number, row in enumerate(screening.rows()):
        if number % 1_000 == 0:
            running.note(number, total)
        yield row


def _lacks(judged: Judgement) -> tuple[str, str]:
    """Return what a firm does not meet, and what is open, in the words of the criteria."""
    required = [one for one in judged.rule_set.criteria if one.required]
    truths = {one.key: judged.findings[one.key].truth for one in required}
    fails = "；".join(one.label for one in required if truths[one.key] is False)
    return fails, "；".join(one.label for one in required if truths[one.key] is None)


def _district_of(facts: Mapping[str, Any]) -> str | None:
    found = facts.get("district")
    return str(found) if found else None


def _place_word(district: str | None) -> str:
    return DISTRICTS.get(district or "", district or "区市未登记")


def _of_district(district: str | None) -> CoverLine:
    return CoverLine("district", "区市", _place_word(district))


def _cover(rule_set: RuleSet, told: Mapping[str, Any], day: date) -> list[CoverLine]:
    return [
        CoverLine("tier", "梯度", TIER_WORDS[told["tier"]]),
        CoverLine("kind", "类型", KIND_WORDS[told["kind"]]),
        CoverLine("on", "提交日期", day),
        CoverLine("rule_set", "认定标准", rule_set.id),
        CoverLine("document", "依据文件", rule_set.document),
        CoverLine("digest", "标准摘要", rule_set.digest),
    ]


def _write_one(place: Path, rows: Iterable[Sequence[str]], cover: Sequence[CoverLine]) -> None:
    columns = [
        ListColumn("uscc", "统一社会信用代码", width=22),
        ListColumn("name", "企业名称", width=36),
        ListColumn("verdict", "结论", width=10),
        ListColumn("fails", "不满足的条款", width=80),
        ListColumn("undetermined", "待补充资料的条款", width=60),
    ]
    write_table(place, "xlsx", "提升清单", columns, rows, cover)


def _write_all(
    vault: Vault,
    running: Running,
    place: Path,
    head: str,
    cover: Sequence[CoverLine],
    by_district: Mapping[str | None, Sequence[Sequence[str]]],
) -> None:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as packed:
        for district in sorted(by_district, key=lambda one: one or "~"):
            with written(vault, running.id, "xlsx") as one:
                _write_one(one, by_district[district], [*cover, _of_district(district)])
                packed.writestr(f"{head}-{_place_word(district)}.xlsx", one.read_bytes())
