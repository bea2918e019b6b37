"""`registry sample verify`: the same from the record, and told where it is not."""

from pathlib import Path

import pytest
from casework import open_hall
from click.testing import CliRunner, Result
from examined_cases import cases_at
from tamper import own

from registry.cli.samples import sample_group
from registry.domain.errors import NotFound
from registry.store.engine import open_ready, writing
from registry.store.examinations import SampleDraw
from registry.work.draw_sample import draw_sample

URL = "sqlite:///registry.sqlite"


@pytest.fixture(autouse=True)
def _drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", URL)
    engine = open_ready(URL)
    with writing(engine) as session:
        hall = open_hall(session)
        cases_at(hall, "specialized", "city_audit", 11)
        actor = hall.actor("city")
        draw_sample(session, actor, actor.seats, tier="specialized", stage="city_audit", now=hall.now)
    engine.dispose()


def verify(number: str = "1") -> Result:
    return CliRunner().invoke(sample_group, ["verify", number])


def test_a_draw_comes_out_the_same() -> None:
    result = verify()

    assert result.exit_code == 0, result.output
    assert "一致 (the same)" in result.output and "drawn again 2" in result.output


def test_a_list_or_a_seed_that_was_changed_is_told() -> None:
    engine = open_ready(URL)
    with writing(engine) as session:
        own(session)
        row = session.get_one(SampleDraw, 1)
        row.digest = "0" * 64
    engine.dispose()
    result = verify()

    assert result.exit_code == 1
    assert "名单与记录的摘要不符" in result.output and "一致 (the same)" not in result.output


def test_a_draw_that_is_not_there_is_refused() -> None:
    assert isinstance(verify("2").exception, NotFound)
    assert verify("x").exit_code == 2
