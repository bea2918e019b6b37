"""The same tier for openfisca-core: variables over numpy vectors, one formula a criterion.

OpenFisca knows two truths: an unknown fact counts as zero or false, so only firms of which everything is known can be
compared. Its whole numbers have 32 bits and its floats too, so amounts stand as 32-bit 万元, as OpenFisca would hold
them: a share that lies on its very edge may fall to the wrong side.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from registry.domain.codes import CHOICE_WORDS
from registry.domain.periods import add_years
from registry.rules.columns import Frames
from registry.rules.columns.frames import SUFFIXES
from tests.bench.firms import YEARLY
from tests.bench.hand_written import LARGE, REQUIRED

# The only entity without members must be the one that lists are made of: an entry of a list of a firm.
ENTRY = build_entity(key="entry", plural="entries", label="An entry of a list fact", is_person=True)
FIRM = build_entity(
    key="firm", plural="firms", label="A firm", roles=[{"key": "holder", "plural": "holders", "label": "Holder"}]
)

_FEN_PER_WAN = 1_000_000
_MONEY = set(YEARLY) - {"employees", "rd_staff"}
_COUNTS = ("ip_class1", "ip_class1_own", "ip_class1_high_value", "ip_class2", "market_rank_national",
           "market_rank_provincial", "digital_level", "local_operation_kinds")  # fmt: skip
_TRUTHS = ("independent_legal_entity", "on_abnormal_list", "restricted_products", "quality_award", "system_certified",
           "own_brand", "standard_participation")  # fmt: skip
_CHOICES = {
    key: Enum(key, dict(CHOICE_WORDS[key])) for key in ("chain_role", "rd_institution", "local_field", "listing")
}
_DATES = ("segment_since", "serious_incident_on", "banned_until")

Formula = Callable[[Any, Any], Any]


def system(on: date) -> TaxBenefitSystem:
    """Return the tier as a tax and benefit system for a day."""
    rules = TaxBenefitSystem([ENTRY, FIRM])
    _declare_facts(rules)
    for name, formula in _indicators(on).items():
        _declare(rules, name, float, formula=formula)
    for name, formula in _conditions(on).items():
        _declare(rules, name, bool, formula=formula)
    indicators, required = tuple(_indicators(on)), tuple(_variable_of(key) for key in REQUIRED)
    _declare(rules, "score", float, formula=lambda firm, year: sum(firm(key, year) for key in indicators))
    _declare(
        rules, "verdict", bool, formula=lambda firm, year: np.logical_and.reduce([firm(k, year) for k in required])
    )
    return rules


def simulation(rules: TaxBenefitSystem, frames: Frames, on: date) -> Simulation:
    """Return a simulation with every fact set, before anything is calculated."""
    count = frames.firms.height
    entries = _entries(frames)
    builder = SimulationBuilder()
    builder.create_entities(rules)
    builder.declare_person_entity("entry", np.arange(entries.height))
    firms = builder.declare_entity("firm", np.arange(count))
    # The public way of joining sorts text; whole numbers from 0 can say the same at once.
    firms.members_entity_id = entries["firm_id"].to_numpy()
    firms.members_role = np.array([FIRM.flattened_roles[0]] * entries.height)
    made = builder.build(rules)
    for name in ("listed_in", "word", "number", "first", "last"):
        made.set_input(name, "ETERNITY", entries[name].to_numpy())
    for name in frames.firms.columns:
        column = frames.firms[name]
        back = next((at for at, suffix in enumerate(SUFFIXES) if suffix and name.endswith(suffix)), 0)
        key = name.removesuffix(SUFFIXES[back]) if back else name
        if key in YEARLY:
            values = column.fill_null(0).to_numpy()
            made.set_input(key, str(on.year - 1 - back), values / _FEN_PER_WAN if key in _MONEY else values)
        elif rules.get_variable(key) is not None:
            made.set_input(key, "ETERNITY", _values(key, column))
    return made


def calculate(made: Simulation, on: date) -> dict[str, Any]:
    """Return the verdict, the score and every condition."""
    year = str(on.year - 1)
    names = ("score", *(_variable_of(key) for key in REQUIRED), "verdict")
    return {name: made.calculate(name, year) for name in names}


def _values(key: str, column: pl.Series) -> Any:
    if key in _CHOICES:
        places = {word: place for place, word in enumerate(CHOICE_WORDS[key])}
        return column.fill_null("none").replace_strict(places, return_dtype=pl.Int16).to_numpy()
    if column.dtype == pl.Date:
        return column.fill_null(date.max if key == "segment_since" else date.min).to_numpy().astype("datetime64[D]")
    if column.dtype == pl.Boolean:
        return column.fill_null(False).to_numpy()
    if key == "industry":
        return column.cast(pl.Int32).fill_null(0).to_numpy()
    if key == "market_share":
        return (column.fill_null(0) / 10**12).to_numpy()
    # A rank that is unknown is no good one.
    return column.fill_null(10**6 if key.startswith("market_rank") else 0).to_numpy()


# The words of entries, as numbers: OpenFisca's vectors of text are slow.
_WORD = {"innovative": 1, "national": 2, "provincial": 3, "maker_china": 4}
_TITLES, _AWARDS, _CONTESTS = 0, 1, 2


def _entries(frames: Frames) -> pl.DataFrame:
    """Put the three lists into one, as OpenFisca has one kind of member."""
    shapes = {
        "titles": (_TITLES, "kind", pl.lit(0), "from", "until"),
        "awards": (_AWARDS, "level", pl.col("rank"), "on", "on"),
        "contests": (_CONTESTS, "contest", pl.col("top"), "on", "on"),
    }
    return pl.concat(
        frames.lists[key].select(
            "firm_id",
            pl.lit(number, pl.Int32).alias("listed_in"),
            pl.col(word).replace_strict(_WORD, default=0, return_dtype=pl.Int32).alias("word"),
            value.fill_null(10**6).cast(pl.Int32).alias("number"),
            pl.col(first).fill_null(date.max).alias("first"),
            pl.col(last).fill_null(date.min).alias("last"),
        )
        for key, (number, word, value, first, last) in shapes.items()
    )


def _declare_facts(rules: TaxBenefitSystem) -> None:
    for key in YEARLY:
        _declare(rules, key, float)
    for key in _COUNTS:
        _declare(rules, key, int, eternal=True)
    for key in _TRUTHS:
        _declare(rules, key, bool, eternal=True)
    for key in _DATES:
        _declare(rules, key, date, eternal=True)
    for key in _CHOICES:
        _declare(rules, key, Enum, eternal=True, choices=_CHOICES[key])
    _declare(rules, "industry", int, eternal=True)
    _declare(rules, "market_share", float, eternal=True)
    for key in ("listed_in", "word", "number"):
        _declare(rules, key, int, eternal=True, of=ENTRY)
    for key in ("first", "last"):
        _declare(rules, key, date, eternal=True, of=ENTRY)


def _declare(
    rules: TaxBenefitSystem,
    name: str,
    kind: Any,
    *,
    of: Any = FIRM,
    eternal: bool = False,
    choices: Any = None,
    formula: Formula | None = None,
) -> None:
    content: dict[str, Any] = {
        "value_type": kind,
        "entity": of,
        "definition_period": DateUnit.ETERNITY if eternal else DateUnit.YEAR,
        "label": name,
    }
    if choices is not None:
        content |= {"possible_values": choices, "default_value": choices["none"]}
    if formula is not None:
        content["formula"] = _as_formula(formula)
    rules.add_variable(type(name, (Variable,), content))


def _as_formula(given: Formula) -> Formula:
    """Return a plain function, as OpenFisca counts the arguments of a formula."""

    def formula(population: Any, at: Any) -> Any:
        return given(population, at)

    return formula


def _variable_of(key: str) -> str:
    return key.replace(".", "_")


def _cascade(bands: list[tuple[Any, int]]) -> Any:
    return np.select([condition for condition, _ in bands], [points for _, points in bands], 0)


def _indicators(on: date) -> dict[str, Formula]:
    def of_choice(key: str, points: dict[str, int]) -> Formula:
        chosen = _CHOICES[key]
        return lambda firm, year: _cascade([(firm(key, year) == chosen[word], at) for word, at in points.items()])

    def of_share(top: str, base: str, bands: list[tuple[int, int]]) -> Formula:
        def formula(firm: Any, year: Any) -> Any:
            part, whole = firm(top, year), firm(base, year)
            return _cascade([(part * 100 >= whole * line, points) for line, points in bands])

        return formula

    def of_count(key: str, bands: list[tuple[int, int]]) -> Formula:
        return lambda firm, year: _cascade([(firm(key, year) >= line, points) for line, points in bands])

    return {
        "main_revenue_share": of_share("main_revenue", "revenue", [(80, 5), (70, 3), (60, 1)]),
        "main_revenue_growth": _growth,
        "segment_points": lambda firm, year: _cascade(
            [(_segment(firm, year, years, on), points) for years, points in ((10, 5), (8, 4), (6, 3), (4, 2), (2, 1))]
        ),
        "chain_points": of_choice("chain_role", {"key_link": 5, "basic_or_supplier": 3}),
        "digital_points": of_count("digital_level", [(3, 5), (2, 3)]),
        "quality_management": lambda firm, year: np.minimum(
            3 * sum(firm(key, year).astype(np.int8) for key in _TRUTHS[3:]), 5
        ),
        "net_margin": of_share("net_profit", "revenue", [(10, 10), (8, 8), (6, 6), (4, 4), (2, 2)]),
        "liability_ratio": _liabilities,
        "ip": lambda firm, year: _cascade(
            [
                (firm("ip_class1_high_value", year) >= 1, 10),
                (firm("ip_class1_own", year) >= 1, 8),
                (firm("ip_class1", year) >= 1, 6),
                (firm("ip_class2", year) >= 1, 2),
            ]
        ),
        "rd_input": lambda firm, year: np.maximum(
            of_count("rd_expense", [(500, 10), (400, 8), (300, 6), (200, 4), (100, 2)])(firm, year),
            of_share("rd_expense", "revenue", [(10, 10), (8, 8), (6, 6), (4, 4), (3, 2)])(firm, year),
        ),
        "rd_staff_share": of_share("rd_staff", "employees", [(20, 5), (10, 3), (5, 1)]),
        "institution_points": of_choice(
            "rd_institution", {"national": 10, "provincial": 8, "city": 4, "below_city": 2}
        ),
        "field_points": of_choice("local_field", {"provincial_chain": 4, "provincial": 3, "city": 2, "county": 1}),
        "operation_points": of_count("local_operation_kinds", [(2, 4), (1, 2)]),
        "market_points": _market,
        "listing_points": of_choice("listing", {"listed": 3, "regional": 1}),
    }


def _growth(firm: Any, year: Any) -> Any:
    a, b, c = (firm("main_revenue", year.offset(-back, "year")) for back in range(3))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = ((a - b) / b + (b - c) / c) / 2
    return _cascade([(mean >= line / 100, points) for line, points in ((10, 10), (8, 8), (6, 6), (4, 4), (0, 2))])


def _liabilities(firm: Any, year: Any) -> Any:
    debt, assets = firm("total_liabilities", year), firm("total_assets", year)
    return _cascade([(debt * 100 <= assets * line, points) for line, points in ((50, 5), (60, 3), (70, 1))])


def _market(firm: Any, year: Any) -> Any:
    share, national, provincial = (
        firm(key, year) for key in ("market_share", "market_rank_national", "market_rank_provincial")
    )
    return _cascade(
        [((share > 0.1) | (national <= 3), 4), ((national <= 10) | (provincial <= 3), 3), (provincial <= 10, 2)]
    )


def _segment(firm: Any, year: Any, years: int, on: date) -> Any:
    return firm("segment_since", year) <= np.datetime64(date(on.year - years, 1, 1))


def _conditions(on: date) -> dict[str, Formula]:
    since, today = np.datetime64(add_years(on, -3)), np.datetime64(on)

    def any_entry(holds: Callable[[Any, Any], Any]) -> Formula:
        return lambda firm, year: firm.any(holds(firm.members, year))

    def award(entry: Any, year: Any) -> Any:
        word, rank, day = entry("word", year), entry("number", year), entry("first", year)
        level = ((word == 3) & (rank <= 3)) | ((word == 2) & (rank <= 5))
        return (entry("listed_in", year) == _AWARDS) & level & (day >= since) & (day <= today)

    def contest(entry: Any, year: Any) -> Any:
        day = entry("first", year)
        named = (entry("word", year) == 4) & (entry("number", year) <= 500)
        return (entry("listed_in", year) == _CONTESTS) & named & (day >= since) & (day <= today)

    def title(entry: Any, year: Any) -> Any:
        held = (entry("first", year) <= today) & (entry("last", year) >= today)
        return (entry("listed_in", year) == _TITLES) & (entry("word", year) == 1) & held

    def equity(firm: Any, year: Any) -> Any:
        return firm("equity_paid_in", year) + firm("equity_paid_in", year.last_year)

    def rd(firm: Any, year: Any) -> Any:
        expense = firm("rd_expense", year)
        return (expense >= 100) & (expense * 100 >= firm("revenue", year) * 3)

    return {
        "rung_below": any_entry(title),
        "years_in_segment": lambda firm, year: _segment(firm, year, 2, on),
        "rd_expense_and_share": rd,
        "revenue_or_equity": lambda firm, year: (firm("revenue", year) >= 1000) | (equity(firm, year) >= 2000),
        "direct_award": any_entry(award),
        "direct_contest": any_entry(contest),
        "score_or_direct": lambda firm, year: (
            (firm("score", year) >= 60)
            | firm("direct_award", year)
            | (firm("rd_expense", year) + firm("rd_expense", year.last_year) >= 2000)
            | (equity(firm, year) >= 6000)
            | firm("direct_contest", year)
        ),
        "general_legal_entity": lambda firm, year: firm("independent_legal_entity", year),
        "general_sme": lambda firm, year: ~_large(firm, year),
        "general_no_bad_list": lambda firm, year: ~firm("on_abnormal_list", year),
        "general_no_restricted_products": lambda firm, year: ~firm("restricted_products", year),
        "general_no_serious_incident": lambda firm, year: (
            ~((firm("serious_incident_on", year) >= since) & (firm("serious_incident_on", year) <= today))
        ),
        "general_not_banned": lambda firm, year: firm("banned_until", year) <= today,
    }


def _large(firm: Any, year: Any) -> Any:
    code, staff, revenue, assets = (firm(key, year) for key in ("industry", "employees", "revenue", "total_assets"))
    lines = [
        (
            (code >= low) & (code <= high),
            (staff >= fewest) & (revenue >= least_revenue) & (assets >= least_assets),
        )
        for low, high, fewest, least_revenue, least_assets in LARGE
    ]
    return np.select([trade for trade, _ in lines], [large for _, large in lines], staff >= 300)
