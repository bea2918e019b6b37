"""Which facts a leaf of a rule asks for."""

from registry.rules import tree
from registry.rules.tree import Node


def facts_of(node: Node) -> list[tuple[str, int | None]]:
    """Return the facts that a node itself asks for: key, and how many years back; None for a fact of the firm.

    A growth asks for two. What asks for nothing, or only through the nodes below it, and a list or a trade that is
    chosen by (`Some`, `Choose`), which readers treat in their own way, give none.
    """
    match node:
        case tree.Figure(key, back) | tree.Is(key, int(back)):
            return [(key, back)]
        case tree.Growth(key, back):
            return [(key, back), (key, back + 1)]
        case tree.Compound(key, years, back):
            return [(key, back), (key, back + years)]
        case (
            tree.Amount(key)
            | tree.YearsIn(key)
            | tree.Is(key)
            | tree.OneOf(key)
            | tree.InCodes(key)
            | tree.Within(key)
            | tree.Ahead(key)
        ):
            return [(key, None)]
    return []
