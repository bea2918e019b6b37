"""What differs between two rule sets, criterion by criterion. Judges nothing."""

from dataclasses import dataclass

from registry.rules.ruleset import Criterion, RuleSet


@dataclass(frozen=True, slots=True)
class Difference:
    """A criterion that came, went or reads otherwise.

    Attributes:
        before: None for one that came.
        after: None for one that went.
    """

    key: str
    before: Criterion | None
    after: Criterion | None


def differences(before: RuleSet, after: RuleSet) -> list[Difference]:
    """Return what changed from one rule set to another, in the order of the earlier one, then what is new."""
    was = {one.key: one for one in before.criteria}
    now = {one.key: one for one in after.criteria}
    found = []
    for key in dict.fromkeys((*was, *now)):
        old, new = was.get(key), now.get(key)
        if old is None or new is None or old.rule != new.rule or old.required != new.required:
            found.append(Difference(key, old, new))
    return found
