"""`registry holidays import` works out again when a publicity ends that touches the year."""

from datetime import date, datetime
from pathlib import Path

import pytest
from casework import SHANGHAI, open_hall
from click.testing import CliRunner
from publicity_cases import list_of, waiting_case
from sqlalchemy.orm import Session

from registry.cli.holidays import holidays_group
from registry.store.cases import Application
from registry.store.engine import open_ready, writing
from registry.store.publicities import Publicity

OF_2027 = "日期,类别,节日\n2027-01-01,放假,元旦\n2027-02-08,放假,春节\n2027-02-20,上班,春节\n2027-10-01,放假,国庆节\n"


def test_an_import_settles_the_last_day_of_what_was_provisional(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    monkeypatch.setenv("REGISTRY_DATABASE_URL", url)
    engine = open_ready(url)
    with writing(engine) as session:
        hall = open_hall(session)
        hall.now = datetime(2026, 12, 29, 10, 0, tzinfo=SHANGHAI)
        case = waiting_case(hall, 2)
        listed = list_of(hall, [case])
        assert (listed.last_day, listed.is_provisional) == (date(2027, 1, 4), True)
        numbers = listed.id, case.id
    file = tmp_path / "2027.csv"
    file.write_text(OF_2027, "utf-8")
    told = CliRunner().invoke(
        holidays_group, ["import", str(file), "--year", "2027", "--source", "国办发明电〔2026〕9号"]
    )

    assert told.exit_code == 0, told.output
    assert f"公示 {numbers[0]} 的截止日重新计算为 2027-01-05" in told.output
    with Session(engine) as session:
        listed, case = session.get_one(Publicity, numbers[0]), session.get_one(Application, numbers[1])
        assert (listed.last_day, listed.is_provisional) == (date(2027, 1, 5), False)
        assert (case.due_on, case.due_is_provisional) == (date(2027, 1, 5), False)
    engine.dispose()
