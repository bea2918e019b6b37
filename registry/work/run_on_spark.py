"""Runs the plan of a screening on PySpark: reads a snapshot's Parquet, writes verdicts as Parquet.

Only column expressions run on the machines of a cluster: they need Spark and Java, and not this program.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import narwhals as nw
from pyspark.sql import SparkSession

from registry.domain.errors import Refused
from registry.rules.columns import Dialect, outputs, spark_dialect
from registry.rules.ruleset import RuleSet
from registry.work.snapshot_file import TABLES, Snapshot, columns_of

# What the plan's meaning rests on, wherever Spark runs.
_MEANING = {
    # A number that its type cannot hold stops the screening instead of becoming unknown or another number.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    # The day that stands for "never" lies before Spark's calendars part; it is read as it is written.
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}
# Java compiles no method of more than 8,000 bytes and would interpret a whole rule set fused into one; below that limit
# Spark works by parts.
_SPEED = {"spark.sql.codegen.hugeMethodLimit": "8000"}
# On one machine nothing listens but for itself, and the one process has memory for a register.
_ALONE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
}
_LOCAL_MEMORY = "4g"


def spark_session(master: str) -> SparkSession:
    """Return the session of this process, started if there is none.

    Args:
        master: where it runs: `local[2]` for two cores of this machine, `spark://…` or `yarn` for a cluster.

    Raises:
        Refused: there is no Java.
    """
    home = os.environ.get("JAVA_HOME")
    if not (home and Path(home, "bin", "java").exists()) and shutil.which("java") is None:
        raise Refused.at("engine", "Spark 需要 Java 17 或更高：apt-get install openjdk-17-jre-headless (no Java found)")
    settings = _MEANING | _SPEED | {"spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower()}
    if master.startswith("local"):
        settings |= _ALONE
        # Read before Java starts; who has set them otherwise is heeded.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("SPARK_DRIVER_MEMORY", _LOCAL_MEMORY)
    session: SparkSession = (
        SparkSession.builder.appName("registry screen").master(master).config(map=settings).getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return session


def judge_on_spark(
    snapshot: Snapshot,
    rule_set: RuleSet,
    plan: Callable[[dict[str, Any], Dialect], Any],
    target: Path,
    *,
    master: str,
) -> dict[str, str]:
    """Judge the firms of a snapshot into a folder of Parquet files.

    Args:
        plan: gives the lazy frame of verdicts of the snapshot's tables in a dialect.

    Returns:
        The outputs of judging, each with the name of its column in those files.
    """
    session, dialect = spark_session(master), spark_dialect()

    def read(table: str) -> Any:
        paths = [_place(path) for path in snapshot.paths(table)]
        return nw.from_native(session.read.parquet(*paths) if paths else session.createDataFrame([], _schema(table)))

    judged = nw.to_native(plan({name: read(name) for name in TABLES}, dialect))
    judged.write.mode("errorifexists").parquet(_place(target))
    return {name: dialect.named(name) for name in outputs(rule_set)}


def _place(path: Path) -> str:
    """Return a path as Spark takes it: in the file system of the machines, whatever else the cluster is set to."""
    return f"file://{path.absolute()}"


def _schema(table: str) -> str:
    """Return the columns of an empty table in Spark's words."""
    words = {"Int64": "BIGINT", "String": "STRING", "Boolean": "BOOLEAN", "Date": "DATE"}
    return ", ".join(f"`{name}` {words[kind]}" for name, kind in columns_of(table).items())
