"""The city that the tests of pages look at: three firms that are spoken of, and a crowd."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from make import code, firm, stay, title
from page_reader import Page

from registry.config import Settings
from registry.domain.firms import Firm
from registry.store.engine import open_ready, writing
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles

NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
HOSTILE = '青岛<script>alert("1")</script>&\'有限公司'


def settings(file: Path, **changes: object) -> Settings:
    values = {
        "database_url": f"sqlite:///{file}",
        "local_table": "shandong-2022",
        "higher_title_counts": False,
        "secret_key": "a key of tests, long enough to be one",
        "host": "127.0.0.1",
        "port": 0,
        "time_zone": "Asia/Shanghai",
        "language": "zh",
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


def whole_firm() -> Firm:
    """A firm of which every fact is known."""
    year = {
        "revenue": 5_000_000_000,
        "main_revenue": 4_800_000_000,
        "main_product_revenue": 4_000_000_000,
        "rd_expense": 300_000_000,
        "total_assets": 8_000_000_000,
        "total_liabilities": 3_000_000_000,
        "net_profit": -100_000_000,
        "value_added": 900_000_000,
        "industrial_output": 5_000_000_000,
        "equity_paid_in": 0,
        "employees": 120,
        "rd_staff": 30,
        "development_score": 6650,
        "digitally_transformed": True,
    }
    return firm(
        1,
        years={2024: year, 2023: year | {"main_revenue": 4_000_000_000}, 2022: {"main_revenue": 3_500_000_000}},
        district="370285",
        functional_area="蓝谷",
        industry="3451",
        established_on=date(2012, 5, 8),
        segment_since=date(2013, 1, 1),
        independent_legal_entity=True,
        on_abnormal_list=False,
        restricted_products=False,
        serious_incident_on=date.min,
        banned_until=date.min,
        titles=({"kind": "hi_tech", "from": date(2023, 11, 1), "until": date(2026, 10, 31)},),
        awards=({"level": "provincial", "rank": 2, "on": date(2024, 3, 1)},),
        contests=(),
        rd_institution="city",
        chain_role="key_link",
        key_link=True,
        market_share=123_400_000_000,
        ip_class1=3,
        ip_class1_own=5,
        digital_level=3,
    )


def build_city(file: Path, crowd_size: int = 120) -> Path:
    """Three firms that are spoken of and a crowd that only fill the list."""
    engine = open_ready(f"sqlite:///{file}")
    crowd = [
        firm(number, name=f"示例第{number}有限公司", district="370214", industry="3510")
        for number in range(10, 10 + crowd_size)
    ]
    with writing(engine) as session:
        enrol(
            session,
            [whole_firm(), firm(2, name=HOSTILE, district="370202"), firm(3, name="青岛示例空白有限公司"), *crowd],
            now=NOW,
            on=date(2025, 11, 1),
            source="企业名单",
        )
        file_titles(
            session,
            [
                title(1, tier="innovative", recognised_on=date(2022, 10, 28)),
                title(1, tier="innovative", recognised_on=date(2025, 10, 17), kind="re_review"),
                title(1, recognised_on=date(2025, 4, 10), batch="2025年第1批", source="公告1号"),
                title(2, name=HOSTILE, district="370202", recognised_on=date(2023, 4, 19)),
                *(
                    title(number, name=f"示例第{number}有限公司", district="370214", recognised_on=date(2025, 6, 1))
                    for number in range(10, min(80, 10 + crowd_size))
                ),
            ],
            now=NOW,
            source="称号名单",
        )
        file_stays(
            session,
            [
                stay(1, entered_on=date(2015, 12, 31), exited_on=date(2019, 12, 31), exit_reason="below_threshold"),
                stay(1, entered_on=date(2022, 12, 31)),
            ],
            now=NOW,
            source="规上名单",
        )
    engine.dispose()
    return file


Ask = Callable[..., Page]
FIRM = f"/firms/{code(1)}"
PAGES = (
    "/",
    "/?on=2024-12-31",
    "/?on=2030-01-01",
    "/firms",
    "/firms?q=示例&district=370214&tier=specialized",
    "/firms?tier=specialized&change=new&on=2025-12-31",
    "/firms?tier=above_scale&on=2023-01-01",
    "/firms?from=none&to=specialized&since=2025-01-01&on=2025-12-31",
    "/firms?tier=any&change=renewed&on=2025-12-31&industry=34&size=none&known=2026-01-01T00:00:00",
    "/firms?q=没有这样的企业",
    FIRM,
    f"{FIRM}?on=2026-05-01&kind=re_review",
    f"{FIRM}?on=2000-01-01",
    f"/firms/{code(2)}",
    f"/firms/{code(3)}",
    *(f"{FIRM}/assessment/{tier}" for tier in ("innovative", "specialized", "little_giant", "above_scale")),
    f"{FIRM}/assessment/specialized?on=2026-05-01",
    f"{FIRM}/assessment/little_giant?on=2000-01-01",
    f"/firms/{code(3)}/assessment/specialized?on=2024-05-10",
    "/dashboard",
    "/dashboard?on=2024-12-31",
    "/dashboard?on=2030-01-01",
    "/counts",
    "/counts?year=2025&as_of=2025-11-25&by=district",
    "/counts?year=2025&by=industry&by=size&known=2025-11-25T10:30:00",
    "/counts?year=2020&by=functional_area",
    "/targets",
    "/targets?year=2024",
    "/targets/2024/high_tech_share",
    "/targets/2024/above_scale_value_added_growth",
    "/watch",
    "/watch/pool",
    "/watch/expiring?tier=specialized&days=400",
    "/watch/falling_below?district=370214",
    "/watch/reaching_next",
    "/watch/update_overdue?on=2025-06-01",
    "/publications",
    "/check",
    "/check?tier=little_giant&kind=re_review&on=2024-02-29",
)
