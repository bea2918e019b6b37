"""The floors of the house, seen from a fresh interpreter and by the import contracts."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LOOK = """
import importlib, pkgutil, sys
for floor in {floors!r}:
    package = importlib.import_module("registry." + floor)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as missing:
            # What runs on Spark comes with an extra of its own.
            if missing.name not in ("narwhals", "pyspark"):
                raise
print(" ".join(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded_by(*floors: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after importing every module of some floors."""
    done = subprocess.run(
        [sys.executable, "-c", _LOOK.format(floors=floors)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_domain_rules_and_policy_know_neither_flask_nor_the_database() -> None:
    loaded = loaded_by("domain", "rules", "policy")

    assert "registry" in loaded
    assert not loaded & {"flask", "sqlalchemy", "marshmallow", "wtforms", "alembic", "werkzeug", "click"}


def test_the_domain_and_explaining_need_nothing_but_the_standard_library() -> None:
    assert "polars" not in loaded_by("domain")
    assert "polars" not in loaded_by("domain", "rules.explain", "rules.wording", "policy")


def test_below_the_web_nothing_knows_flask() -> None:
    assert not loaded_by("store", "work", "sheets", "city") & {"flask", "werkzeug"}


def test_importing_the_package_alone_loads_no_floor() -> None:
    look = "import registry, sys; print(*[name for name in sys.modules if name.startswith('registry.')])"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


@pytest.mark.slow
def test_each_floor_imports_only_the_floors_below_it() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [program, "--config", "setup.cfg", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_two_files_of_tests_have_one_name() -> None:
    """They are imported flat: of two with one name the second is not found, and only when all are run together."""
    flat = [
        file.name
        for file in (ROOT / "tests").rglob("*.py")
        if not (file.parent / "__init__.py").exists() and file.name not in ("conftest.py", "__main__.py")
    ]

    assert sorted(flat) == sorted(set(flat))
