"""Firms on the lines of a rule set, handed over in Parquet: judged from there as they are explained."""

from datetime import date, datetime
from pathlib import Path
from random import Random

import polars as pl
import pytest
from both_readings import expected_row
from firms_on_lines import Drawer

from registry.policy import load
from registry.rules.columns import frames_of
from registry.rules.columns.frames import firms_of
from registry.work import take_snapshot as taking
from registry.work.recheck import ReadingsDisagree
from registry.work.screen_snapshot import judge_snapshot, recheck_snapshot
from registry.work.snapshot_file import Snapshot, opened
from registry.work.take_snapshot import writing_into

ON = date(2024, 5, 10)


def on_the_lines(folder: Path, now: datetime, *, huge: bool) -> tuple[Snapshot, list]:
    """A snapshot of firms on the lines of a rule set, and the firms."""
    firms = Drawer(load("specialized-2022"), ON, Random(3), huge).firms(200)
    frames = frames_of(firms, ON.year - 1)
    with writing_into(folder) as writer:
        writer.add("firms", frames.firms)
        for key, frame in frames.lists.items():
            writer.add(key, frame)
        writer.close(on=ON, known_at="", ledger=(0, ""), now=now)
    return opened(folder), firms


@pytest.mark.parametrize("huge", [False, True])
def test_firms_on_the_lines_are_judged_from_parquet_as_explained(
    tmp_path: Path, now: datetime, huge: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "PART_ROWS", 70)
    snapshot, firms = on_the_lines(tmp_path / "lines", now, huge=huge)
    rule_set = load("specialized-2022")

    judged = judge_snapshot(snapshot, rule_set, ON, tmp_path, "polars")
    recheck_snapshot(snapshot, rule_set, judged, ON)

    rows = judged.sort("firm_id").collect().to_dicts()
    for drawn, row in zip(firms, rows, strict=True):
        assert (row.pop("uscc"), row.pop("name")) == (drawn.uscc, drawn.name)
        del row["firm_id"], row["district"]
        assert row == expected_row(rule_set, drawn, ON)


def test_a_screening_whose_readings_disagree_is_not_handed_out(tmp_path: Path, now: datetime) -> None:
    snapshot, _ = on_the_lines(tmp_path / "lines", now, huge=False)
    judged = judge_snapshot(snapshot, load("specialized-2022"), ON, tmp_path, "polars")

    with pytest.raises(ReadingsDisagree):
        recheck_snapshot(snapshot, load("specialized-2022"), judged.with_columns(pl.col("low") + 1), ON)


def test_firms_come_back_from_columns_as_they_were() -> None:
    firms = Drawer(load("little_giant-2022"), ON, Random(4)).firms(50)

    back = firms_of(frames_of(firms, ON.year - 1), ON.year - 1)

    for number, drawn in enumerate(firms):
        told, incomplete = back[number]
        assert (told.uscc, told.facts) == (drawn.uscc, dict(drawn.facts))
        assert told.years == {year: drawn.years.get(year, {}) for year in (2023, 2022, 2021)}
        assert incomplete == {key for key in ("titles", "awards", "contests") if key not in drawn.facts}
