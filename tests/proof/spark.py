"""The plan of a screening runs unchanged on PySpark: the verdicts of Polars, firm by firm, and how fast.

One million firms, among them firms on every line of every rule set, are judged by each rule set on both engines, and
every output of every firm compared; the program's own lists of one screening are equal to the last byte. Then firms of
ordinary size are timed on one core and on two, and ten million of them from the command to the list.
"""

import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TIMED = "specialized-2022/new"
SCREEN = ("screen", "--tier", "specialized", "--on", "2024-05-20")
TWO = "local[2]"


@dataclass(frozen=True)
class Size:
    """How much of it is done: firms compared, of those on the lines of each rule set, firms timed, and the largest."""

    mixed: int
    on_lines: int
    timed: int
    largest: int
    runs: int


GOAL = Size(mixed=1_000_000, on_lines=4_000, timed=1_000_000, largest=10_000_000, runs=4)
SMALL = Size(mixed=12_000, on_lines=600, timed=20_000, largest=40_000, runs=2)


def prove(folder: Path, small: bool) -> str:
    """Compare, then measure."""
    try:
        versions = f"PySpark {version('pyspark')}, Narwhals {version('narwhals')}, Polars {version('polars')}"
    except PackageNotFoundError as missing:
        raise AssertionError(f"{missing.name} is not installed: make proof PROOFS=spark") from missing
    from proof import spark_firms

    size = SMALL if small else GOAL
    _tell(f"{os.cpu_count()} cores, {_memory():.0f} GiB, {platform.machine()}; {versions}; {_java()}")
    mixed = folder / "mixed"
    on_lines = spark_firms.save_mixed(mixed, size.mixed, size.on_lines)
    _tell(f"{size.mixed:,} firms, {on_lines:,} of them on the lines of {len(spark_firms.EVERY)} rule sets")
    # At the small size the rarest outcomes need not come out.
    rule_sets = ["/".join(one) for one in spark_firms.EVERY]
    compared = _compare(mixed, rule_sets[::5] if small else rule_sets, size.mixed, every_outcome=not small)
    lists = _equal_lists(mixed)
    _remove(mixed)
    drawn = folder / "drawn"
    spark_firms.save_drawn(drawn, size.timed)
    _tell(f"{size.timed:,} firms of ordinary size, {_bytes_of(drawn) / 2**20:,.0f} MiB, {TIMED}:")
    speeds = {cores: _measure("measure", drawn, f"local[{cores}]", size) for cores in (1, 2)}
    _measure("measure_polars", drawn, TWO, size)
    _remove(drawn)
    largest = _largest(folder / "largest", size)
    return (
        f"{compared} outputs of {size.mixed:,} firms equal on both engines; {lists}; "
        + ", ".join(f"{speed:,.0f} firms/s on {cores} core{'s'[: cores - 1]}" for cores, speed in speeds.items())
        + f"; {largest}"
    )


def _compare(snapshot: Path, rule_sets: Sequence[str], firms: int, *, every_outcome: bool) -> int:
    """Hold both engines to each other; return how many outputs of each firm were compared.

    Raises:
        AssertionError: says which outputs differ, or did not come out in every way.
    """
    outputs = 0
    for told in _child("compare", snapshot, TWO, *rule_sets):
        seconds = ", ".join(f"{engine} {taken:.1f} s" for engine, taken in told["seconds"].items())
        _tell(f"  {told['rule_set']}: {told['outputs']} outputs of {told['firms']:,} firms compared; {seconds}")
        assert not told["unlike"], f"{told['rule_set']}: other on Spark: {told['unlike']}"
        assert told["firms"] == firms, told
        assert not (every_outcome and told["never"]), f"{told['rule_set']}: never came out: {told['never']}"
        outputs += told["outputs"]
    return outputs


def _equal_lists(snapshot: Path) -> str:
    """Let the program write the list of a screening on both engines; it is the same to the last byte."""
    digests = {}
    for engine in ("polars", "spark"):
        place = snapshot.with_name(f"{engine}.json")
        _screen(snapshot, engine, place)
        with place.open("rb") as written:
            digests[engine] = hashlib.file_digest(written, "sha256").hexdigest()
        told, count = _head(place), place.stat().st_size
        place.unlink()
    assert digests["polars"] == digests["spark"], digests
    line = f"registry screen writes the same {count:,} bytes on both ({told})"
    _tell(line)
    return line


def _measure(deed: str, snapshot: Path, master: str, size: Size) -> float:
    """Time judging; return firms a second of the best run that was warm."""
    (told,) = _child(deed, snapshot, master, TIMED, str(size.runs))
    best = min(told["seconds"][1:])
    busy = min(told["processor"][1:])
    _tell(
        f"  {'Polars, all cores' if deed == 'measure_polars' else f'Spark {master}'}: {size.timed / best:,.0f} firms/s "
        f"({best:.1f} s; the first run {told['seconds'][0]:.1f} s), {busy / size.timed * 1e6:.1f} processor seconds a "
        f"million firms, at most {told['peak'] / 2**30:.1f} GiB; load {told['load']:.1f}"
    )
    return float(size.timed / best)


def _largest(folder: Path, size: Size) -> str:
    """Time the command at the largest size, from its start to the list, and judging alone."""
    from proof import spark_firms

    spark_firms.save_drawn(folder, size.largest)
    size_of = f"{_bytes_of(folder) / 2**30:.2f} GiB"
    events = folder.with_name("events")
    events.mkdir()
    (told,) = _child("measure", folder, TWO, TIMED, "1", events=events)
    tasks = _tasks(events)
    place = folder.with_name("list.csv")
    started, worked = time.monotonic(), os.times()
    _screen(folder, "spark", place)
    whole = time.monotonic() - started
    spent = os.times()
    busy = spent.children_user + spent.children_system - worked.children_user - worked.children_system
    with place.open("rb") as written:
        rows = sum(1 for _ in written) - 1
    assert rows == size.largest, f"{rows:,} rows for {size.largest:,} firms"
    line = (
        f"{size.largest:,} firms ({size_of}) on {TWO}: judged in {told['seconds'][0]:.0f} s, Java started cold "
        f"({told['processor'][0]:.0f} processor seconds, of them {tasks.processor:.0f} in {tasks.count} tasks, which "
        f"shuffled {tasks.shuffled / 2**30:.2f} GiB; at most {told['peak'] / 2**30:.1f} GiB); registry screen from "
        f"its start to a list of {place.stat().st_size / 2**30:.2f} GiB in {whole:.0f} s ({busy:.0f} processor seconds)"
    )
    _tell(line)
    return line


def _screen(snapshot: Path, engine: str, out: Path) -> None:
    """Run the program on a snapshot."""
    program = [sys.executable, "-c", "from registry.cli.main import main; main()", *SCREEN]
    where = ["--input", str(snapshot), "--engine", engine, "--master", TWO]
    done = subprocess.run(
        [*program, *where, "--format", out.suffix[1:], "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def _head(place: Path) -> str:
    with place.open(encoding="utf-8") as written:
        counts = json.loads(written.readline().rpartition(', "firms": [')[0] + "}")["counts"]
    return ", ".join(f"{word} {count:,}" for word, count in counts.items())


@dataclass(frozen=True)
class Tasks:
    """What the tasks of Spark took together: processor seconds, and bytes that went from task to task."""

    count: int
    processor: float
    shuffled: int


def _tasks(events: Path) -> Tasks:
    """Add up the tasks that Spark's own log of events tells of."""
    ended = [
        told["Task Metrics"]
        for log in events.rglob("events_*")
        for line in log.read_text("utf-8").splitlines()
        if (told := json.loads(line))["Event"] == "SparkListenerTaskEnd"
    ]
    assert ended, "Spark told of no task"
    processor = sum(one["Executor CPU Time"] for one in ended) / 1e9
    return Tasks(len(ended), processor, sum(one["Shuffle Write Metrics"]["Shuffle Bytes Written"] for one in ended))


def _child(deed: str, snapshot: Path, master: str, *more: str, events: Path | None = None) -> Iterator[dict[str, Any]]:
    """Run a deed of `spark_child`; yield what it says, line by line.

    Args:
        events: a folder for Spark's log of events.
    """
    command = [sys.executable, "-m", "tests.proof.spark_child", deed, str(snapshot), master, *more]
    log = snapshot.with_name("spark.log")
    # What Spark lays aside stays in the folder of the proof.
    own = os.environ | {"SPARK_LOCAL_DIRS": str(snapshot.parent)}
    if events is not None:
        told = {"enabled": "true", "dir": events.as_uri(), "compress": "false", "rolling.enabled": "true"}
        given = " ".join(f"--conf spark.eventLog.{name}={value}" for name, value in told.items())
        own["PYSPARK_SUBMIT_ARGS"] = f"{given} pyspark-shell"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.PIPE, stderr=errors, text=True) as child,
    ):
        assert child.stdout is not None
        for line in child.stdout:
            yield json.loads(line)
    assert child.returncode == 0, log.read_text()[-2000:]


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def _remove(folder: Path) -> None:
    """Take a snapshot away: several would not be small."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _java() -> str:
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    return told.partition("\n")[0]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
