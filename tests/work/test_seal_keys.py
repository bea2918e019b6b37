"""The file of keys beside a database: made once, for its owner only, never lost and never written over."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.domain.errors import Refused
from registry.work.seal import Keys, SealBroken, needs_new_seal, new_key_text, open_sealed, seal
from registry.work.seal_keys import add_key, field_keys, keys_beside

ABOUT = "person:12:phone"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'var' / 'registry.sqlite'}"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "var" / "field-keys"


def refusal(url: str) -> str:
    with pytest.raises(Refused) as refused:
        keys_beside(url)
    assert [fault.path for fault in refused.value.faults] == ["REGISTRY_FIELD_KEYS"]
    return str(refused.value)


def test_keys_are_made_once_beside_the_database_for_their_owner_only(url: str, place: Path) -> None:
    keys = keys_beside(url)

    assert len(keys.by_id) == 1
    assert keys_beside(url) == keys
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert os.listdir(place.parent) == ["field-keys"]


def test_a_setting_outweighs_the_file_and_an_empty_one_does_not(url: str, place: Path) -> None:
    stated = new_key_text("stated")

    assert field_keys(stated, url) == Keys.parse(stated)
    assert not place.exists()
    assert field_keys(None, url) == field_keys("", url) == field_keys(" ", url) == keys_beside(url)


def test_the_suite_is_that_which_was_asked_for(url: str) -> None:
    assert field_keys(None, url, "sm4gcm").suite == field_keys(new_key_text("k"), url, "sm4gcm").suite == "sm4gcm"
    assert add_key(url, "k", "sm4gcm").suite == "sm4gcm"
    assert field_keys(None, url).suite == "aesgcm"


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://clerk:secret@db.example/registry", "mysql://db.example/registry"]
)
def test_another_database_asks_for_the_setting(url: str) -> None:
    said = refusal(url)

    assert "必填" in said and "secret" not in said
    with pytest.raises(Refused):
        add_key(url)
    stated = new_key_text("stated")
    assert field_keys(stated, url) == Keys.parse(stated)


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite://", "sqlite:///"])
def test_a_database_in_memory_leaves_no_file(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert keys_beside(url) != keys_beside(url)
    with pytest.raises(Refused, match="memory"):
        add_key(url)
    assert os.listdir(tmp_path) == []


def test_the_driver_and_options_of_an_address_are_no_part_of_the_place(tmp_path: Path) -> None:
    keys = keys_beside(f"sqlite+pysqlite:///{tmp_path / 'registry.sqlite'}?timeout=5")

    assert (tmp_path / "field-keys").exists()
    assert keys_beside(f"sqlite:///{tmp_path / 'registry.sqlite'}") == keys


def test_many_that_start_at_once_find_one_key(url: str, place: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(keys_beside, [url] * 64))

    assert {keys.current_id for keys in found} == {keys_beside(url).current_id}
    assert os.listdir(place.parent) == ["field-keys"]


@pytest.mark.parametrize("content", [b"", b"k-1", b"k-1:AAAA", b"\xff\xfe", b"k 1:" + b"A" * 43 + b"="])
def test_a_damaged_file_is_neither_used_nor_made_anew(url: str, place: Path, content: bytes) -> None:
    place.parent.mkdir()
    place.write_bytes(content)

    said = refusal(url)
    assert str(place) in said and "restore it from a backup" in said
    with pytest.raises(Refused):
        add_key(url)
    assert place.read_bytes() == content
    assert os.listdir(place.parent) == ["field-keys"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")

    assert str(tmp_path / "var" / "field-keys") in refusal(f"sqlite:///{tmp_path}/var/registry.sqlite")
    assert "cannot be used" in refusal(f"sqlite:///{tmp_path}/no/such/registry.sqlite")


def test_a_folder_in_the_place_of_the_file_is_named(url: str, place: Path) -> None:
    place.mkdir(parents=True)

    assert "cannot be used" in refusal(url)


def test_a_new_key_seals_and_the_old_ones_still_open(url: str, place: Path) -> None:
    before = keys_beside(url)
    sealed = seal(before, "13812345678", about=ABOUT)
    after = add_key(url, "k-2026")

    assert list(after.by_id) == ["k-2026", before.current_id]
    assert keys_beside(url) == after
    assert needs_new_seal(after, sealed)
    assert open_sealed(after, sealed, about=ABOUT) == "13812345678"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert os.listdir(place.parent) == ["field-keys"]


def test_a_key_can_be_added_before_the_first_use(url: str) -> None:
    assert len(add_key(url).by_id) == 2


def test_a_line_break_that_an_editor_left_does_no_harm(url: str, place: Path) -> None:
    keys = keys_beside(url)
    place.write_text(place.read_text() + "\n")

    assert keys_beside(url) == keys
    assert len(add_key(url).by_id) == 2
    assert len(keys_beside(url).by_id) == 2


@pytest.mark.parametrize(("key_id", "word"), [("k-2026", "taken"), ("K", "key id"), ("", "key id")])
def test_a_key_id_that_is_taken_or_none_changes_nothing(url: str, place: Path, key_id: str, word: str) -> None:
    add_key(url, "k-2026")
    content = place.read_text()
    with pytest.raises(Refused, match=word):
        add_key(url, key_id)

    assert place.read_text() == content
    assert os.listdir(place.parent) == ["field-keys"]


def test_while_a_key_is_being_added_another_is_refused(url: str, place: Path) -> None:
    keys = keys_beside(url)
    waiting = place.with_name("field-keys.new")
    waiting.write_text("half")
    with pytest.raises(Refused, match=r"field-keys\.new"):
        add_key(url)

    assert keys_beside(url) == keys
    assert waiting.read_text() == "half"
    waiting.unlink()
    assert len(add_key(url).by_id) == 2


def test_of_many_that_add_at_once_none_loses_the_key_of_another(url: str) -> None:
    first = keys_beside(url).current_id

    def added(number: int) -> str | None:
        try:
            return add_key(url, f"k-{number}").current_id
        except Refused:
            return None

    with ThreadPoolExecutor(16) as pool:
        ids = {key_id for key_id in pool.map(added, range(64)) if key_id is not None}

    assert ids
    assert set(keys_beside(url).by_id) == ids | {first}


def test_a_lost_file_is_told_by_the_key_that_is_missing(url: str, place: Path) -> None:
    before = keys_beside(url)
    sealed = seal(before, "13812345678", about=ABOUT)
    place.unlink()
    with pytest.raises(SealBroken) as broken:
        open_sealed(keys_beside(url), sealed, about=ABOUT)

    assert broken.value.key_id == before.current_id
    assert "missing" in str(broken.value)
