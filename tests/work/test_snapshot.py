"""The register handed over in Parquet: whole, held to its manifest, and screened to the same list."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from make import firm, title
from polars.testing import assert_frame_equal
from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.work import take_snapshot as taking
from registry.work.enrol import enrol
from registry.work.file_books import file_titles
from registry.work.screen import screen
from registry.work.screen_snapshot import screen_snapshot
from registry.work.snapshot_file import MANIFEST, SEAL, opened, verify_parts
from registry.work.take_snapshot import take_snapshot

ON = date(2024, 5, 10)
YEARS = {year: {"revenue": 10_000_000_000, "employees": 100, "rd_expense": 500_000_000} for year in (2021, 2022, 2023)}


@pytest.fixture
def taken(session: Session, now: datetime, today: date, tmp_path: Path) -> Path:
    """A snapshot of five firms, in parts of two."""
    firms = [
        firm(number, district="370285" if number % 2 else "370202", years=YEARS, on_abnormal_list=number == 3)
        for number in range(1, 6)
    ]
    enrol(session, firms, now=now, on=today, source="测试")
    rows = [title(number, tier="innovative", recognised_on=date(2023, 3, 20)) for number in (1, 2)]
    file_titles(session, rows, now=now, source="测试")
    take_snapshot(session, ON, tmp_path / "snapshot", now=now)
    return tmp_path / "snapshot"


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "PART_ROWS", 2)


def reseal(folder: Path, change: Callable[[dict], None]) -> None:
    """Change a manifest as somebody would who knows how it is sealed."""
    told = json.loads((folder / MANIFEST).read_text("utf-8"))
    change(told)
    text = json.dumps(told).encode()
    (folder / MANIFEST).write_bytes(text)
    (folder / SEAL).write_text(hashlib.sha256(text).hexdigest())


def fault_of(folder: Path) -> str:
    with pytest.raises(Refused) as refused:
        verify_parts(opened(folder))
    (fault,) = refused.value.faults
    assert fault.path == "input"
    return fault.message


def test_a_snapshot_says_what_it_holds_and_is_found_whole(taken: Path, now: datetime) -> None:
    snapshot = opened(taken)
    read: list[int] = []

    verify_parts(snapshot, read.append)

    manifest = snapshot.manifest
    assert (manifest.on, manifest.rows("firms"), manifest.rows("titles"), manifest.rows("awards")) == (ON, 5, 2, 0)
    assert list(manifest.parts["firms"]) == ["00000.parquet", "00001.parquet", "00002.parquet"]
    assert manifest.known_at and manifest.ledger[0] > 0 and manifest.made_at == now.isoformat(timespec="seconds")
    assert manifest.largest["revenue"] == 10_000_000_000 and manifest.largest["net_profit"] == 0
    assert sum(read) == sum(part.bytes for parts in manifest.parts.values() for part in parts.values())


@pytest.mark.parametrize("district", [None, "370285"])
def test_screening_a_snapshot_gives_the_list_of_the_register(
    session: Session, taken: Path, district: str | None
) -> None:
    told = screen_snapshot(taken, "specialized", "new", ON, district=district)
    own = screen(session, "specialized", "new", ON, district=district)

    assert own.firms.height == (3 if district else 5)
    assert_frame_equal(told.firms, own.firms)
    assert list(told.rows()) == list(own.rows())
    assert told.chosen.rule_set.digest == own.chosen.rule_set.digest


def test_a_snapshot_is_not_replaced_and_appears_whole_or_not_at_all(
    session: Session, taken: Path, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="已存在"):
        take_snapshot(session, ON, taken, now=now)

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(taking, "digest_of", fails)
    with pytest.raises(Refused, match="No space"):
        take_snapshot(session, ON, tmp_path / "other", now=now)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["snapshot"]


def test_a_damaged_part_is_refused(taken: Path) -> None:
    part = taken / "firms" / "00001.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    assert "firms/00001.parquet" in fault_of(taken) and "摘要" in fault_of(taken)

    part.write_bytes(whole[:-1])
    assert "大小" in fault_of(taken)

    part.unlink()
    assert "缺少" in fault_of(taken)

    part.write_bytes(whole)
    (taken / "titles" / "00009.parquet").write_bytes(whole)
    assert "多出" in fault_of(taken)


def test_a_part_of_other_rows_is_refused_even_if_the_digests_were_renewed(taken: Path) -> None:
    part = taken / "firms" / "00000.parquet"
    pl.read_parquet(part).head(1).write_parquet(part)

    def renew(told: dict) -> None:
        told["parts"]["firms"][part.name] |= {
            "bytes": part.stat().st_size,
            "sha256": hashlib.sha256(part.read_bytes()).hexdigest(),
        }

    reseal(taken, renew)
    assert "1 行，清单为 2 行" in fault_of(taken)

    pl.read_parquet(part).with_columns(revenue=pl.lit("much")).write_parquet(part)
    reseal(taken, renew)
    reseal(taken, lambda told: told["parts"]["firms"][part.name].update(rows=1))
    reseal(taken, lambda told: told["rows"].update(firms=4))
    assert "的列" in fault_of(taken)


def test_a_manifest_that_is_not_ours_or_was_changed_is_refused(taken: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "不是快照" in fault_of(tmp_path / "empty")

    kept = (taken / MANIFEST).read_bytes(), (taken / SEAL).read_text()
    (taken / MANIFEST).write_bytes(kept[0].replace(b"2024-05-10", b"2024-05-11"))
    assert "改动" in fault_of(taken)

    changes: list[tuple[Callable[[dict], object], str]] = [
        (lambda told: told.update(format=2), "格式 2"),
        (lambda told: told.update(version="0.0.1"), "0.0.1"),
        (lambda told: told["columns"]["firms"].pop("revenue"), "revenue"),
        (lambda told: told["columns"]["titles"].update({"from": "String"}), "from"),
        (lambda told: told["rows"].update(firms=6), "行数"),
        (lambda told: told["parts"]["firms"].update({"../x.parquet": {}}), "文件名"),
        (lambda told: told.pop("largest"), "不是本系统的快照"),
    ]
    for change, word in changes:
        (taken / MANIFEST).write_bytes(kept[0])
        reseal(taken, lambda told, change=change: change(told) and None)  # type: ignore[misc]
        assert word in fault_of(taken)


def test_a_day_of_another_fiscal_year_is_refused_at_on(taken: Path) -> None:
    assert screen_snapshot(taken, "specialized", "new", date(2024, 12, 31)).firms.height == 5

    for day in (date(2023, 12, 31), date(2025, 1, 1)):
        with pytest.raises(Refused) as refused:
            screen_snapshot(taken, "specialized", "new", day)
        assert [fault.path for fault in refused.value.faults] == ["on"]


def test_a_register_without_firms_is_screened_to_an_empty_list(session: Session, now: datetime, tmp_path: Path) -> None:
    take_snapshot(session, ON, tmp_path / "snapshot", now=now)

    assert screen_snapshot(tmp_path / "snapshot", "specialized", "new", ON).counts() == {
        "met": 0,
        "not_met": 0,
        "undetermined": 0,
    }
