"""Settings come from the environment, are checked, and are never shown when secret."""

import stat
from pathlib import Path

import pytest

from registry.config import SETTINGS, listed, load_settings, signing_key
from registry.domain.errors import Refused


def test_every_setting_has_a_sensible_default() -> None:
    settings = load_settings()

    assert settings.database_url == "sqlite:///var/registry.sqlite"
    assert settings.local_table == "shandong-2022"
    assert settings.higher_title_counts is False
    assert (settings.host, settings.port, settings.time_zone, settings.language) == (
        "127.0.0.1",
        8000,
        "Asia/Shanghai",
        "zh",
    )
    assert settings.secret_key is None


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_HIGHER_TITLE_COUNTS", "true")
    monkeypatch.setenv("REGISTRY_PORT", "9000")

    assert load_settings().higher_title_counts is True
    assert load_settings().port == 9000


def test_an_unknown_name_is_refused_with_the_closest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABSE_URL", "sqlite://")
    with pytest.raises(Refused, match=r"REGISTRY_DATABSE_URL: .*REGISTRY_DATABASE_URL"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY_PORT", "eighty"),
        ("REGISTRY_PORT", "65536"),
        ("REGISTRY_HIGHER_TITLE_COUNTS", "perhaps"),
        ("REGISTRY_TIME_ZONE", "Mars/Olympus"),
        ("REGISTRY_TIME_ZONE", "../../etc/passwd"),
        ("REGISTRY_LANGUAGE", "de"),
        ("REGISTRY_DATABASE_URL", ""),
        ("REGISTRY_SECRET_KEY", "short"),
        ("REGISTRY_METRICS_TOKEN", "short"),
        ("REGISTRY_RATE_LIMIT", "many"),
        ("REGISTRY_API_RATE_LIMIT", "10 per moon"),
        ("REGISTRY_MAIL_URL", "smtps://"),
        ("REGISTRY_MAIL_URL", "mail.example.com"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused, match=name) as refused:
        load_settings()

    assert "short" not in str(refused.value)


def test_all_faults_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_PORT", "x")
    monkeypatch.setenv("REGISTRY_LANGUAGE", "x")
    with pytest.raises(Refused) as refused:
        load_settings()

    assert [fault.path for fault in refused.value.faults] == ["REGISTRY_PORT", "REGISTRY_LANGUAGE"]


def test_a_list_of_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "postgresql://clerk:p:a@ss@db.example/registry")

    rows = {name: (value, default, meaning) for name, value, default, meaning in listed(load_settings())}
    assert list(rows) == [setting.name for setting in SETTINGS]
    assert rows["REGISTRY_SECRET_KEY"][:2] == ("******", "")
    assert rows["REGISTRY_DATABASE_URL"][0] == "postgresql://clerk:******@db.example/registry"
    assert rows["REGISTRY_HIGHER_TITLE_COUNTS"][:2] == ("false", "false")
    assert all(meaning for _, _, meaning in rows.values())


def test_a_key_is_made_once_beside_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'var' / 'registry.sqlite'}")

    key = signing_key(load_settings())
    assert len(key) == 64
    assert signing_key(load_settings()) == key
    assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600


def test_a_damaged_key_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", f"sqlite:///{tmp_path / 'registry.sqlite'}")
    (tmp_path / "secret-key").write_text("")
    with pytest.raises(Refused, match="secret-key"):
        signing_key(load_settings())


def test_a_server_database_asks_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_DATABASE_URL", "postgresql://db/registry")
    with pytest.raises(Refused, match="REGISTRY_SECRET_KEY"):
        signing_key(load_settings())

    monkeypatch.setenv("REGISTRY_SECRET_KEY", "k" * 32)
    assert signing_key(load_settings()) == "k" * 32


@pytest.mark.parametrize(
    "value",
    [
        "",
        "smtps://registry:pass%40word@mail.example.com:465",
        "smtp://127.0.0.1:2525",
        "smtp://[::1]:25",
        "file:///var/mails",
    ],
)
def test_a_mail_server_is_taken_as_it_is_written(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("REGISTRY_MAIL_URL", value)

    assert load_settings().mail_url == value
