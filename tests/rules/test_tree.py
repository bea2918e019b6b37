"""A rule as a tree: what lies under a node, and how a node reads in earlier years."""

import pytest

from registry.rules import tree
from registry.rules.parse import parse_band, parse_condition, parse_number

BRAND, LINK = tree.Is("own_brand"), tree.Is("key_link")
YES, YES_BEFORE = tree.Is("digitally_transformed", 0), tree.Is("digitally_transformed", 1)
REVENUE, BEFORE = tree.Figure("revenue"), tree.Figure("revenue", 1)
RANGES = ((600, 4699),)
SHARE = parse_number("rd_expense / revenue")
BAND = parse_band(SHARE, ">= 5%")


@pytest.mark.parametrize(
    ("node", "under"),
    [
        (tree.Ratio(REVENUE, BEFORE), (REVENUE, BEFORE)),
        (tree.Sum((REVENUE, BEFORE)), (REVENUE, BEFORE)),
        (tree.Mean((BEFORE, REVENUE)), (BEFORE, REVENUE)),
        (tree.All((BRAND, LINK)), (BRAND, LINK)),
        (tree.Any((LINK, BRAND)), (LINK, BRAND)),
        (tree.AtLeast(1, (BRAND, LINK)), (BRAND, LINK)),
        (BAND, (SHARE, BAND.right)),  # type: ignore[attr-defined]
        (tree.Some("titles", BRAND), (BRAND,)),
        (tree.Not(BRAND), (BRAND,)),
        (tree.Choose("industry", ((RANGES, BRAND),), LINK, "大型", "large"), (BRAND, LINK)),
        (tree.Bands(((20, BAND), (10, BRAND)), 0), (BAND, BRAND)),
        (tree.Better((tree.Bands(((5, BRAND),), 0),)), (tree.Bands(((5, BRAND),), 0),)),
        (tree.PerItem(3, 5, (BRAND, LINK)), (BRAND, LINK)),
        (BRAND, ()),
        (REVENUE, ()),
        (tree.Met("one"), ()),
    ],
)
def test_what_lies_under_a_node_stands_in_reading_order(node: tree.Node, under: tuple[tree.Node, ...]) -> None:
    assert tree.children(node) == under


def test_a_walk_goes_over_every_node_parents_first() -> None:
    inner = tree.Any((LINK, tree.Not(BRAND)))

    assert tree.walk(tree.All((BRAND, inner))) == [tree.All((BRAND, inner)), BRAND, inner, LINK, tree.Not(BRAND), BRAND]


@pytest.mark.parametrize(
    ("node", "earlier"),
    [
        (REVENUE, BEFORE),
        (BEFORE, tree.Figure("revenue", 2)),
        (tree.Growth("revenue"), tree.Growth("revenue", 1)),
        (tree.Compound("revenue", 2), tree.Compound("revenue", 2, 1)),
        (YES, YES_BEFORE),
        # A fact of the firm has no years.
        (BRAND, BRAND),
        (tree.Met("one"), tree.Met("one")),
        (tree.Ratio(REVENUE, REVENUE), tree.Ratio(BEFORE, BEFORE)),
        (tree.Sum((REVENUE,)), tree.Sum((BEFORE,))),
        (tree.Mean((REVENUE, BEFORE)), tree.Mean((BEFORE, tree.Figure("revenue", 2)))),
        (tree.All((YES, BRAND)), tree.All((YES_BEFORE, BRAND))),
        (tree.Any((YES,)), tree.Any((YES_BEFORE,))),
        (tree.AtLeast(1, (YES,)), tree.AtLeast(1, (YES_BEFORE,))),
        (tree.Not(YES), tree.Not(YES_BEFORE)),
        (
            tree.Choose("industry", ((RANGES, YES),), tree.Not(YES), "大型", "large"),
            tree.Choose("industry", ((RANGES, YES_BEFORE),), tree.Not(YES_BEFORE), "大型", "large"),
        ),
    ],
)
def test_a_node_reads_as_it_stood_a_year_before(node: tree.Node, earlier: tree.Node) -> None:
    assert tree.shift(node, 1) == earlier
    assert tree.shift(node, 0) == node


def test_a_comparison_of_an_earlier_year_keeps_its_line() -> None:
    line = parse_condition("revenue >= 100 万元")
    earlier = tree.shift(line, 1)

    assert (earlier.left, earlier.op, earlier.right) == (BEFORE, line.op, line.right)  # type: ignore[attr-defined]
