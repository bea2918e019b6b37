"""mutmut, but for words that people read: a changed message is no change of behaviour.

`make` makes the mutants and tries none; `changes MUTANT …` tells what each changes, a line of JSON each; every other
word is mutmut's own.
"""

import json
import sys
from pathlib import Path

import libcst as cst
from mutmut.__main__ import cli, create_mutants
from mutmut.mutation import mutators
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths
from mutmut.workers import isolation

# A mutant is tried with the quickest of the tests that reach it: so many seconds of them, but so many at the least.
_MOST_SECONDS, _LEAST_TESTS = 6.0, 40
_submit = isolation.ForkServerRunner.submit


def submit(self: isolation.ForkServerRunner, mutant: str, tests: list[str], *limits: float) -> None:
    """Have a mutant tried with the quickest of the tests that reach it."""
    spent, chosen = 0.0, []
    for test in sorted(tests, key=lambda one: (state().duration_by_test[one], one)):
        spent += state().duration_by_test[test]
        if len(chosen) >= _LEAST_TESTS and spent > _MOST_SECONDS:
            break
        chosen.append(test)
    _submit(self, mutant, chosen, *limits)  # type: ignore[arg-type]


isolation.ForkServerRunner.submit = submit  # type: ignore[method-assign, assignment]


def strings(node: cst.BaseString):  # type: ignore[no-untyped-def]
    """Yield the mutants of a string, none of one with a space or beyond ASCII."""
    if isinstance(node, cst.SimpleString) and (" " in node.value or not node.value.isascii()):
        return
    yield from mutators.operator_string(node)


# In place: the module that makes the mutants holds the same list.
mutators.mutation_operators[:] = [
    (kind, strings if made is mutators.operator_string else made) for kind, made in mutators.mutation_operators
]

if __name__ == "__main__":
    if sys.argv[1] == "make":
        set_mutant_under_test("mutant_generation")
        Path("mutants").mkdir(exist_ok=True)
        copy_src_dir()
        copy_also_copy_files()
        setup_source_paths()
        create_mutants(1)
    elif sys.argv[1] == "changes":
        for mutant in sys.argv[2:]:
            print(json.dumps(get_diff_for_mutant(mutant)))
    else:
        cli()
