"""What makes the city awkward on purpose: firms with unknown facts, and firms that stand exactly on a line.

Changes facts and figures that are there already; draws none of its own.
"""

import random
from collections.abc import Mapping
from fractions import Fraction

from registry.city.figures import Figures
from registry.city.parameters import Parameters
from registry.city.registration import Registered
from registry.city.turnover import FEN_PER_WAN, FORM_UNIT_FEN
from registry.domain.facts import YEAR_FACTS, Kind
from registry.domain.firms import Value

# A table of the file: a part of a whole and a share, or a figure and an amount in 万元.
Line = Mapping[str, str | int]
_MONEY = frozenset(key for key, fact in YEAR_FACTS.items() if fact.kind is Kind.MONEY)


def leave_gaps(
    parameters: Parameters,
    rng: random.Random,
    firm: Registered,
    facts: dict[str, Value],
    years: dict[int, Figures],
) -> bool:
    """Take from some firms what they never reported; say whether this one is incomplete."""
    gaps = parameters.gaps
    if rng.random() < parameters.profiles[firm.looks_like].complete_share:
        return False
    for fact in rng.sample(gaps["facts"], rng.randint(1, gaps["most"])):
        facts.pop(fact, None)
    if rng.random() < gaps["figure_share"]:
        figure = rng.choice(gaps["figures"])
        for figures in years.values():
            figures.pop(figure, None)
    if rng.random() < gaps["missing_year_share"] and len(years) > 1:
        del years[max(years)]
    return True


def put_on_edges(parameters: Parameters, firms: list[dict[int, Figures]], size: float) -> None:
    """Put some firms on the lines: on each from both sides and exactly, in every year that the file names.

    Args:
        firms: figures by year, of firms in the order of preference; complete and never listed, so that no unknown
            blurs the case and no stay depends on what is changed.
        size: of the block, compared with a full one.
    """
    edges = parameters.edges
    lines: list[Line] = [*edges["shares"], *edges["amounts"]]
    waiting = [(line, side) for _ in range(round(edges["firms_each"] * size)) for line in lines for side in (-1, 0, 1)]
    for years in firms:
        chosen = [years[year] for year in edges["years"] if year in years]
        if len(chosen) < len(edges["years"]):
            continue
        suiting = (case for case in waiting if all(_suits(case[0], figures) for figures in chosen))
        case = next(suiting, None)
        if case is not None:
            waiting.remove(case)
            for figures in chosen:
                _move(case[0], case[1] * FORM_UNIT_FEN, figures)


def _suits(line: Line, figures: Figures) -> bool:
    """Say whether a firm is near enough to a line to be moved onto it without becoming absurd."""
    if "amount" not in line:
        return figures["revenue"] > 0
    amount = int(line["amount"]) * FEN_PER_WAN
    return amount <= 2 * figures[str(line["figure"])] <= 4 * amount


def _move(line: Line, aside_fen: int, figures: Figures) -> None:
    if "amount" in line:
        _set_amount(figures, str(line["figure"]), int(line["amount"]) * FEN_PER_WAN + aside_fen)
        return
    # Brought up to whole 万元, the whole has an exact hundredth.
    whole, part = str(line["whole"]), str(line["part"])
    figures[whole] = -(-figures[whole] // FEN_PER_WAN) * FEN_PER_WAN
    _set_part(figures, part, int(figures[whole] * Fraction(str(line["share"]))) + aside_fen)


def _set_amount(figures: Figures, figure: str, fen: int) -> None:
    """Set one amount; revenue takes all other money of the year along with it."""
    if figure in ("revenue", "main_revenue"):
        ratio = Fraction(fen, figures[figure])
        for key in _MONEY & figures.keys():
            figures[key] = int(figures[key] * ratio / FORM_UNIT_FEN) * FORM_UNIT_FEN
    _set_part(figures, figure, fen)
    figures["revenue"] = max(figures["revenue"], figures["main_revenue"])


def _set_part(figures: Figures, figure: str, fen: int) -> None:
    figures[figure] = fen
    # A part of a part may not outgrow it.
    figures["main_product_revenue"] = min(figures["main_product_revenue"], figures["main_revenue"])
