"""`registry keys rotate`: everything that is sealed names the new key, and opens without the old one."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.cli.keys import keys_group
from registry.domain.errors import Refused, RegistryError
from registry.domain.trail import Doer
from registry.store.engine import open_ready, writing
from registry.store.letters import Letter
from registry.store.people import Person
from registry.store.trail import trail_page
from registry.work.open_account import open_account
from registry.work.seal import Keys, SealBroken, new_key_text, open_sealed
from registry.work.seal_codes import wallet
from registry.work.seal_keys import field_keys
from registry.work.secure_account import confidential, enrol_codes, set_contact
from registry.work.write_letter import write_letter

URL = "sqlite:///registry.sqlite"
NOW = datetime(2025, 11, 25, 1, 30, tzinfo=UTC)
DOER = Doer.program("tests")
PHONE, NUMBER, SECRET, BODY = "13812345678", "110101199003074514", "JBSWY3DPEHPK3PXP", "您好 https://r.example/link/1"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", URL)


@pytest.fixture(params=["file", "setting"])
def kept_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Fill a database, with its keys beside it or in the setting."""
    first = new_key_text("first")
    if request.param == "setting":
        monkeypatch.setenv("REGISTRY_FIELD_KEYS", first)
    else:
        Path("field-keys").write_text(first)
        Path("field-keys").chmod(0o600)
    fill(Keys.parse(first))
    if request.param == "setting":
        # The operator puts a new one in front.
        monkeypatch.setenv("REGISTRY_FIELD_KEYS", f"{new_key_text('second')},{first}")
    yield request.param


def fill(keys: Keys) -> None:
    engine = open_ready(URL)
    with writing(engine) as session:
        for number in (1, 2):
            person = open_account(session, email=f"p{number}@example.com", name=f"人{number}", doer=DOER, now=NOW)
            set_contact(session, keys, person, "phone", PHONE, doer=DOER, now=NOW)
            set_contact(session, keys, person, "id_number", NUMBER, doer=DOER, now=NOW)
            sealed = TOTP.using(wallet=wallet(keys))(key=SECRET).to_json(encrypt=True)
            enrol_codes(session, person, sealed, number, doer=DOER, now=NOW)
        open_account(session, email="bare@example.com", name="无", doer=DOER, now=NOW)
        write_letter(session, keys, to="p1@example.com", subject="一", body=BODY, now=NOW)
        sent = write_letter(session, keys, to="p1@example.com", subject="二", body=BODY, now=NOW)
        sent.state, sent.sent_at, sent.body_sealed = "sent", NOW, None
    engine.dispose()


def rotate() -> Result:
    result = CliRunner().invoke(keys_group, ["rotate"])
    if result.exception is not None and not isinstance(result.exception, SystemExit | RegistryError):
        raise result.exception
    return result


def rows() -> tuple[list[Person], list[Letter]]:
    engine = open_ready(URL)
    with Session(engine) as session:
        people = list(session.scalars(select(Person).order_by(Person.id)))
        letters = list(session.scalars(select(Letter).order_by(Letter.id)))
        session.expunge_all()
    engine.dispose()
    return people, letters


def sealed_texts() -> list[str]:
    people, letters = rows()
    texts = [text for one in people for text in (one.phone_sealed, one.id_number_sealed, one.tf_totp_secret)]
    return [text for text in [*texts, *(one.body_sealed for one in letters)] if text]


def key_of(text: str) -> str:
    return str(json.loads(text)["enckey"]["t"]) if text.startswith("{") else text.split(".")[2]


def present(stated: str | None) -> Keys:
    return field_keys(stated, URL)


def test_everything_names_the_new_key_and_opens_without_the_old(kept_in: str) -> None:
    assert {key_of(text) for text in sealed_texts()} == {"first"}
    assert len(sealed_texts()) == 7
    result = rotate()
    assert result.exit_code == 0, result.exception
    both = present(os.environ.get("REGISTRY_FIELD_KEYS"))
    new = both.current_id

    assert list(both.by_id) == [new, "first"] and new != "first"
    assert f"密钥 {new}：改封 7 项" in result.output
    assert ("重启" in result.stderr) is (kept_in == "file")
    assert {key_of(text) for text in sealed_texts()} == {new}
    alone = Keys({new: both.by_id[new]})
    people, letters = rows()
    for person in people[:2]:
        assert confidential(alone, person, "phone") == PHONE
        assert confidential(alone, person, "id_number") == NUMBER
        assert verifies(alone, person)
        assert person.totp_counter == person.id
    assert people[2].phone_sealed is people[2].tf_totp_secret is None
    assert open_sealed(alone, letters[0].body_sealed or "", about="letter:1") == BODY
    assert letters[1].body_sealed is None


def verifies(keys: Keys, person: Person) -> bool:
    """Say whether the code of the authenticator on somebody's phone is still good."""
    code = TOTP(key=SECRET).generate(time=NOW).token
    found = TOTP.using(wallet=wallet(keys)).verify(code, person.tf_totp_secret, time=NOW + timedelta(seconds=10))
    return bool(found.counter)


def test_the_trail_says_which_key_and_how_many_and_nothing_else(kept_in: str) -> None:
    rotate()
    engine = open_ready(URL)
    with Session(engine) as session:
        entry = trail_page(session)[0]
    engine.dispose()

    assert (entry.tag, entry.name, entry.seat) == ("keys.rotated", "registry keys rotate", "program")
    told = json.loads(entry.after or "")
    assert told["changed"] == 7 and set(told) == {"key", "changed"}


def test_with_a_setting_the_second_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = new_key_text("first")
    fill(Keys.parse(first))
    monkeypatch.setenv("REGISTRY_FIELD_KEYS", first)
    before = sealed_texts()

    assert "改封 0 项" in rotate().output
    assert sealed_texts() == before


def test_with_a_file_each_time_there_is_a_new_key_and_no_old_one_is_lost() -> None:
    fill(present(None))
    for count in (2, 3):
        rotate()
        assert len(present(None).by_id) == count
        assert {key_of(text) for text in sealed_texts()} == {present(None).current_id}


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("person", "phone_sealed", "v1.aesgcm.first.AAAA"),
        ("person", "id_number_sealed", "v1.aesgcm.gone.QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="),
        ("person", "tf_totp_secret", '{"enckey":{"c":14,"k":"AA","s":"AA","t":"gone","v":1},"type":"totp","v":1}'),
        ("person", "tf_totp_secret", '{"type":"totp","v":9}'),
        ("person", "tf_totp_secret", "no json"),
        ("letter", "body_sealed", "broken"),
    ],
)
def test_a_broken_text_is_named_and_changes_nothing(kept_in: str, table: str, column: str, text: str) -> None:
    people, _letters = rows()
    engine = open_ready(URL)
    with writing(engine) as session:
        model = {"person": Person, "letter": Letter}[table]
        last = session.scalars(select(model).order_by(model.id.desc())).first() if table == "letter" else None
        target = last or session.get_one(Person, people[1].id)
        setattr(target, column, text)
        count = len(trail_page(session))
    engine.dispose()
    before = sealed_texts()
    result = rotate()

    assert isinstance(result.exception, SealBroken)
    assert f"{table}:" in result.exception.about
    assert f"{table}:" in str(result.exception)
    assert sealed_texts() == before
    engine = open_ready(URL)
    with Session(engine) as session:
        assert len(trail_page(session)) == count
    engine.dispose()
    # The old key is there still, whatever was added.
    assert "first" in present(os.environ.get("REGISTRY_FIELD_KEYS")).by_id


def test_on_a_fresh_database_there_is_nothing_to_seal() -> None:
    assert "改封 0 项" in rotate().output


def test_a_setting_that_is_no_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_FIELD_KEYS", "nonsense")

    result = rotate()
    assert isinstance(result.exception, Refused) and "REGISTRY_FIELD_KEYS" in str(result.exception)
