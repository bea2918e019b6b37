"""mutmut, but for words that people read: a changed message is no change of behaviour.

`changes MUTANT …` tells what each changes, a line of JSON each; every other word is mutmut's own.
"""

import json
import sys

import libcst as cst
from mutmut.__main__ import cli
from mutmut.mutation import mutators
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.state import state
from mutmut.workers import isolation

# Seconds of tests that a mutant is tried with, the quickest first.
_MOST_SECONDS = 6.0
_submit = isolation.ForkServerRunner.submit


def submit(self: isolation.ForkServerRunner, mutant: str, tests: list[str], *limits: float) -> None:
    """Have a mutant tried with the quickest of the tests that reach it."""
    spent, chosen = 0.0, []
    for test in sorted(tests, key=lambda one: (state().duration_by_test[one], one)):
        spent += state().duration_by_test[test]
        if chosen and spent > _MOST_SECONDS:
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
    if sys.argv[1] == "changes":
        for mutant in sys.argv[2:]:
            print(json.dumps(get_diff_for_mutant(mutant)))
    else:
        cli()
