"""Changes the rules, the moves of cases and the calendar in small ways: the tests notice most such changes.

mutmut makes the mutants and runs, for each, the tests that reach the function it changed, in a copy of the checkout. A
mutant that no test notices has survived; the score is the share that did not. Three kinds are not made: of words that
people read (a literal with a space or beyond ASCII), of lines that raise (their wording), and of docstrings; such a
change is none of behaviour. Properties and tables at the top of a module are not changed by mutmut at all.
Drawn examples are fewer than in `make test`, so that a mutant costs a second or two.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The share of mutants that must not survive, in hundredths.
_WANTED = 80
# Drawn examples of one test.
_EXAMPLES = 12
_COPIED = ("registry", "tests", "migrations", "seeds", "templates", "docs", "pyproject.toml")
_LEFT_OUT = ("__pycache__", "static", "pictures", "*.po", "*.mo")
_TESTS_LEFT_OUT = ("__pycache__", "node_modules", "browser", "web", "bench", "cli")
_SURVIVED, _UNTESTED = {0}, {5, 33}
_DAY_BY_DAY = (
    "test_every_day_of_three_years_and_every_length_ends_where_the_oracle_ends",
    "test_every_time_limit_of_three_years_ends_where_the_oracle_ends",
    "test_every_calendar_period_of_three_years_runs_on_from_the_first_working_day",
)
_SETTINGS = """
[tool:pytest]
testpaths = tests
addopts = --strict-markers
timeout = 300
markers =
    slow: left out
    postgresql: left out
    browser: left out

[mutmut]
source_paths = registry
process_isolation = forkserver
only_mutate =
{modules}
also_copy =
    migrations
    seeds
    templates
    docs
do_not_mutate_patterns =
    ^\\s*raise\\s
pytest_add_cli_args =
    -p
    no:cacheprovider
    -p
    forgetful
    -m
    not slow and not postgresql
pytest_add_cli_args_test_selection =
{tests}
timeout_constant = 3
timeout_multiplier = 10
track_dependencies = false
use_git_change_detection = false
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Modules that are changed together, and the tests that are to notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


PIECES: Mapping[str, Piece] = {
    "calendar": Piece(
        ("registry/domain/periods.py", "registry/domain/workdays.py"),
        (
            "tests/domain/test_periods.py",
            "tests/domain/test_workdays.py",
            "tests/domain/test_desk_of_a_case.py",
            # Three years day by day: what is at the line itself notices the same in a hundredth of the time.
            *(f"--deselect=tests/domain/test_workdays.py::{slow}" for slow in _DAY_BY_DAY),
        ),
    ),
    "casework": Piece(
        ("registry/domain/casework.py", "registry/domain/case_states.py", "registry/domain/procedure.py"),
        ("tests/domain/test_casework.py", "tests/domain/test_desk_of_a_case.py", "tests/policy/test_procedures.py"),
    ),
    "language": Piece(
        tuple(
            f"registry/rules/{name}.py"
            for name in ("case", "check", "forms", "parse", "ruleset", "tokens", "tree", "units")
        ),
        ("tests/rules", "tests/policy/test_broken_rule_sets.py"),
    ),
    "explain": Piece(
        ("registry/rules/explain/*.py",),
        ("tests/rules", "tests/policy/test_cases.py", "tests/parity/test_naive_oracle.py"),
    ),
    "columns": Piece(
        ("registry/rules/columns/*.py",),
        (
            "tests/parity/test_random_rules.py",
            "tests/parity/test_shipped_rules.py",
            "tests/parity/test_spark_plan.py",
            "tests/parity/test_columns_and_back.py",
        ),
    ),
    "wording": Piece(
        ("registry/rules/wording/*.py",),
        ("tests/rules", "tests/policy/test_handbook.py", "tests/parity/test_words_of_any_firm.py"),
    ),
    "moves": Piece(
        ("registry/work/move_case.py", "registry/work/case_guards.py"),
        (
            "tests/work/test_case_guards.py",
            "tests/work/test_publicity_guards.py",
            "tests/work/test_move_case.py",
            "tests/work/test_bare_moves.py",
            "tests/work/test_return_case.py",
            "tests/work/test_ask_departments.py",
            "tests/work/test_close_publicity.py",
        ),
    ),
}


@dataclass
class Score:
    """What became of the mutants of a module."""

    made: int = 0
    survivors: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Return how many of a hundred did not survive."""
        return 100 * (self.made - len(self.survivors)) / self.made if self.made else 100.0


def prove(folder: Path, small: bool) -> str:
    """Let every piece be changed; small: the calendar alone, every fifth mutant.

    `MUTATION="moves wording"` names pieces; `MUTATION_EACH=10` tries every tenth mutant of each module.
    """
    asked = ["calendar"] if small else os.environ.get("MUTATION", "").split() or list(PIECES)
    each = 5 if small else int(os.environ.get("MUTATION_EACH", "1"))
    scores: dict[str, Score] = {}
    for name in asked:
        run(PIECES[name], folder / name, each)
        for module, score in scores_of(PIECES[name], folder / name).items():
            print(f"  {module}: {score.share:.1f} % of {score.made}, {len(score.survivors)} survived", flush=True)
            for survivor in score.survivors:
                print(f"    {survivor}", flush=True)
            scores[module] = score
    made = sum(score.made for score in scores.values())
    lived = sum(len(score.survivors) for score in scores.values())
    low = [f"{module} {score.share:.1f} %" for module, score in scores.items() if score.share < _WANTED]
    assert made, "no mutant was made"
    assert not low, f"below {_WANTED} %: {', '.join(low)}"
    return f"{made} mutants of {len(scores)} modules, {lived} survived: {100 * (made - lived) / made:.1f} %"


def run(piece: Piece, place: Path, each: int = 1) -> None:
    """Make the mutants of a piece in a place and try every so manieth."""
    _copy(piece, place)
    tried: list[str] = []
    if each > 1:
        _mutants(place, "make")
        for module in _modules(piece):
            tried += sorted(_codes(module, place))[each // 2 :: each]
    _mutants(place, "run", "--max-children", str(os.cpu_count() or 1), *tried)


def scores_of(piece: Piece, place: Path) -> dict[str, Score]:
    """Read what became of the mutants of a piece, by module; a survivor is told by its function and its lines."""
    scores = {}
    for module in _modules(piece):
        codes = {one: code for one, code in _codes(module, place).items() if code is not None}
        lived = sorted(one for one, code in codes.items() if code in _SURVIVED | _UNTESTED)
        if not codes:
            continue
        scores[module] = Score(
            len(codes), [f"{one}: {told}" for one, told in zip(lived, _changes(lived, place), strict=True)]
        )
    return scores


def _codes(module: str, place: Path) -> dict[str, int | None]:
    """Return how the tests of each mutant of a module ended; None for one that was not tried."""
    told = place / "mutants" / f"{module}.meta"
    codes: dict[str, int | None] = json.loads(told.read_text("utf-8"))["exit_code_by_key"] if told.exists() else {}
    return codes


def _copy(piece: Piece, place: Path) -> None:
    if place.exists():
        return
    place.mkdir(parents=True)
    for name in _COPIED:
        if (ROOT / name).is_dir():
            out = _TESTS_LEFT_OUT if name == "tests" else _LEFT_OUT
            shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns(*out))
        else:
            shutil.copy(ROOT / name, place / name)
    (place / "plugins").mkdir()
    shutil.copy(ROOT / "tests/proof/forgetful.py", place / "plugins")
    for test in (place / "tests").rglob("*.py"):
        text = test.read_text("utf-8")
        fewer = re.sub(r"max_examples=(\d+)", lambda found: f"max_examples={min(int(found[1]), _EXAMPLES)}", text)
        test.write_text(fewer, "utf-8")
    words = {"modules": "\n".join(f"    {one}" for one in piece.modules)}
    words["tests"] = "\n".join(f"    {one}" for one in piece.tests)
    (place / "setup.cfg").write_text(_SETTINGS.format(**words), "utf-8")


def _environment(place: Path) -> dict[str, str]:
    # Threads of the frames do not outlive a fork, and one a mutant is enough.
    return {
        **os.environ,
        "POLARS_MAX_THREADS": "1",
        "PYTHONPATH": str(place / "plugins"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
    }


def _modules(piece: Piece) -> Iterator[str]:
    for pattern in piece.modules:
        yield from sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))


def _changes(mutants: list[str], place: Path) -> list[str]:
    """Tell what each mutant changes, in a line."""
    if not mutants:
        return []
    done = _mutants(place, "changes", *mutants)
    told = []
    for line in done.stdout.splitlines():
        changed = [one for one in json.loads(line).splitlines()[3:] if one[:1] in ("+", "-")]
        told.append(" ".join(re.sub(r"\s+", " ", one) for one in changed))
    return told


def _mutants(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/proof/mutants.py"), *words],
        cwd=place,
        env=_environment(place),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the mutants did not run:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done
