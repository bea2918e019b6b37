"""One deed on Spark in a process of its own: `python -m tests.proof.spark_child DEED SNAPSHOT MASTER …` prints JSON.

A session of Spark belongs to its process: another number of cores needs another process.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from registry.policy import load
from registry.rules.columns import outputs
from registry.rules.ruleset import RuleSet
from registry.work.run_on_spark import spark_session
from registry.work.screen_snapshot import judge_snapshot, recheck_snapshot
from registry.work.snapshot_file import Snapshot, opened


def compare(snapshot: Snapshot, master: str, *rule_sets: str) -> None:
    """Judge the firms by each rule set on both engines; print what differs, and what came out of each criterion.

    Args:
        rule_sets: as `specialized-2022/new`.
    """
    for told in rule_sets:
        rule_set = load(*told.split("/"))
        seconds: dict[str, float] = {}
        judged: dict[str, pl.DataFrame] = {}
        with tempfile.TemporaryDirectory(dir=snapshot.folder.parent) as place:
            for engine in ("polars", "spark"):
                folder = Path(place, engine)
                folder.mkdir()
                started = time.monotonic()
                lazy = _judge(snapshot, rule_set, folder, engine, master)
                seconds[engine] = time.monotonic() - started
                recheck_snapshot(snapshot, rule_set, lazy, snapshot.manifest.on)
                judged[engine] = lazy.sort("firm_id").collect()
        ours, theirs = judged["polars"], judged["spark"]
        unlike = {
            name: int(ours[name].ne_missing(theirs[name].cast(ours[name].dtype)).sum())
            for name in ours.columns
            if ours.height == theirs.height
        } or {"firms": abs(ours.height - theirs.height)}
        conditions = ["verdict", *(one.key for one in rule_set.criteria if not one.part)]
        _say(
            rule_set=told,
            firms=ours.height,
            outputs=len(outputs(rule_set)),
            unlike={name: count for name, count in unlike.items() if count},
            # Whatever never comes out was not compared.
            never={name: left for name in conditions if (left := {True, False, None} - set(ours[name].unique()))},
            seconds=seconds,
        )


def measure(snapshot: Snapshot, master: str, name: str, runs: str) -> None:
    """Judge the firms again and again; print seconds of each run, and processor seconds of Spark.

    The first run compiles the plan and warms Java up; it is told apart.
    """
    rule_set = load(*name.split("/"))
    session = spark_session(master)
    # The shell that starts Java becomes it.
    java = session.sparkContext._gateway.proc.pid
    wall, busy = [], []
    for _ in range(int(runs)):
        with tempfile.TemporaryDirectory(dir=snapshot.folder.parent) as place:
            started, worked = time.monotonic(), _processor_seconds(java)
            _judge(snapshot, rule_set, Path(place), "spark", master)
            wall.append(time.monotonic() - started)
            busy.append(_processor_seconds(java) - worked)
    peak = _peak(java)
    session.stop()
    _say(seconds=wall, processor=busy, peak=peak, load=os.getloadavg()[0])


def measure_polars(snapshot: Snapshot, master: str, name: str, runs: str) -> None:
    """Judge the firms by Polars in the same way, for comparison."""
    rule_set = load(*name.split("/"))
    wall, busy = [], []
    for _ in range(int(runs)):
        with tempfile.TemporaryDirectory(dir=snapshot.folder.parent) as place:
            started, worked = time.monotonic(), time.process_time()
            _judge(snapshot, rule_set, Path(place), "polars", master)
            wall.append(time.monotonic() - started)
            busy.append(time.process_time() - worked)
    _say(seconds=wall, processor=busy, peak=_peak(os.getpid()), load=os.getloadavg()[0])


def _judge(snapshot: Snapshot, rule_set: RuleSet, place: Path, engine: Any, master: str) -> pl.LazyFrame:
    return judge_snapshot(snapshot, rule_set, snapshot.manifest.on, place, engine, master=master)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> int:
    """Return the most memory a process ever held, in bytes."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told, default=str) + "\n")
    sys.stdout.flush()


DEEDS = {deed.__name__: deed for deed in (compare, measure, measure_polars)}

if __name__ == "__main__":
    deed, folder, *rest = sys.argv[1:]
    DEEDS[deed](opened(Path(folder)), *rest)
