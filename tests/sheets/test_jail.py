"""The process that parses workbooks: bounded, alone, found from anywhere, and no trouble to threads."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sheet_files import (
    FIRM_HEADER,
    USCC,
    refusal,
    write_xlsx,
)

from registry.sheets import limits
from registry.sheets.firm_rows import read_firms


def test_a_child_that_lasts_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHILD_WALL_SECONDS", 0.01)

    assert "中止" in refusal(write_xlsx(tmp_path / "名单.xlsx", [FIRM_HEADER, (USCC, "示例")]))


def test_a_child_that_says_too_much_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHILD_OUTPUT_BYTES", 200)

    assert "中止" in refusal(write_xlsx(tmp_path / "名单.xlsx", [FIRM_HEADER, *[(USCC, "示例")] * 50]))


def test_the_child_sees_no_setting_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A parser that is taken over must find no password in its environment."""
    seen: list[dict[str, str]] = []
    start = subprocess.Popen

    def noting(*arguments: object, **named: object) -> object:
        seen.append(named["env"])  # type: ignore[arg-type]
        return start(*arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", noting)
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "geheim")
    read_firms(write_xlsx(tmp_path / "名单.xlsx", [FIRM_HEADER, (USCC, "示例")]))

    (environment,) = seen
    assert "geheim" not in environment.values()


def test_the_child_is_found_from_any_folder(tmp_path: Path) -> None:
    """Neither the folder one stands in, nor a module in it, changes what is run."""
    (tmp_path / "python_calamine.py").write_text("raise SystemExit('taken over')")
    path = write_xlsx(tmp_path / "名单.xlsx", [FIRM_HEADER, (USCC, "示例")])
    script = f"from registry.sheets.firm_rows import read_firms; print(len(read_firms({str(path)!r}).rows))"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "1"


def test_many_threads_may_read_at_once(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "名单.xlsx", [FIRM_HEADER, (USCC, "示例")])
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(len(read_firms(path).rows))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [1] * 8
