"""Builds the demo city from a seed: the same seed gives the same city on every machine and every day.

Stores nothing; whoever wants the city in a database hands these rows to the imports.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.city.chance import stream
from registry.city.defects import leave_gaps, put_on_edges
from registry.city.figures import Accounts, Figures
from registry.city.ladder import Announcements, climb
from registry.city.parameters import Parameters, load_parameters
from registry.city.registration import NO_AMBITION, Office
from registry.city.scale import scale_rows, scale_stays
from registry.city.standing import Standing
from registry.city.turnover import turnovers
from registry.domain.firms import Firm, ScaleRow, TitleRow


@dataclass(frozen=True, slots=True)
class City:
    """Firms with their facts, and the books: ladder titles and above-scale stays.

    Attributes:
        firms: in the order of their numbers; facts as of the day the books close, figures 2020–2025.
        titles: in the order of recognition.
        scale: in the order of entry.
    """

    firms: list[Firm] = field(default_factory=list)
    titles: list[TitleRow] = field(default_factory=list)
    scale: list[ScaleRow] = field(default_factory=list)


def build_city(seed: int = 1, firms: int = 20_000, parameters: Parameters | None = None) -> City:
    """Return a whole city.

    Args:
        seed: other seeds give other cities, with the same calibrated counts.
        firms: how many; counts are calibrated exactly for 20,000 and in proportion otherwise.
        parameters: those of `seeds/city.toml` when left out.
    """
    city = City()
    for block in city_blocks(seed, firms, parameters):
        city.firms.extend(block.firms)
        city.titles.extend(block.titles)
        city.scale.extend(block.scale)
    city.titles.sort(key=lambda row: (row.recognised_on, row.tier))
    city.scale.sort(key=lambda row: row.entered_on)
    return city


def city_blocks(seed: int = 1, firms: int = 20_000, parameters: Parameters | None = None) -> Iterator[City]:
    """Yield a city in blocks of 20,000 firms, each calibrated in itself, so that memory stays bounded.

    The blocks of `city_blocks(seed, n)` together are `build_city(seed, n)`; names and codes differ across blocks.
    """
    known = parameters or load_parameters()
    for block, start in enumerate(range(0, firms, known.block_firms)):
        yield _block(known, seed, block, min(known.block_firms, firms - start))


def _block(parameters: Parameters, seed: int, block: int, count: int) -> City:
    registered = Office(parameters, seed, block).register(count)
    flow = turnovers(parameters, seed, block, registered)
    stays = scale_stays(parameters, seed, block, registered, flow)
    titles = climb(parameters, seed, block, registered)
    rng_gaps = stream(seed, block, "gaps")
    accounts = Accounts(parameters, stream(seed, block, "figures"))
    standing = Standing(parameters, stream(seed, block, "facts"))
    announcements = Announcements(parameters)
    arrived = {(title.place, title.tier) for title in titles}
    candidates: list[dict[int, Figures]] = []
    others: list[dict[int, Figures]] = []
    reported = []
    city = City()
    for place, (firm, turnover, of_firm) in enumerate(zip(registered, flow, stays, strict=True)):
        facts = standing.facts(firm)
        years = accounts.years(firm, turnover, of_firm)
        is_incomplete = leave_gaps(parameters, rng_gaps, firm, facts, years)
        if not is_incomplete and not of_firm and (place, firm.ambition) not in arrived:
            (others if firm.ambition == NO_AMBITION else candidates).append(years)
        reported.append((firm, facts, years))
        city.scale.extend(scale_rows(firm, of_firm))
    # Those on the way to a title first: on a line they fail or pass by that line alone.
    put_on_edges(parameters, [*candidates, *others], count / parameters.block_firms)
    city.firms.extend(Firm(firm.uscc, firm.name, facts, years) for firm, facts, years in reported)
    city.titles.extend(announcements.row(registered[title.place], title) for title in titles)
    city.titles.sort(key=lambda row: (row.recognised_on, row.tier))
    city.scale.sort(key=lambda row: row.entered_on)
    return city
