"""Where the keys of confidential fields are kept: in a setting, or in a file beside an SQLite database.

Never deletes a key and never writes over one: a key that is lost takes with it all that it sealed. A backup needs the
file as well as the database, and is kept best where the two lie apart.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

from registry.domain.errors import Refused
from registry.work.seal import SETTING, Keys, new_key_text

FILE = "field-keys"


def field_keys(setting: str | None, database_url: str, suite: str = "aesgcm") -> Keys:
    """Return the keys that the setting states, or when it is empty those beside the database.

    Raises:
        Refused: at REGISTRY_FIELD_KEYS.
    """
    if setting and setting.strip():
        return Keys.parse(setting, suite)
    return keys_beside(database_url, suite)


def keys_beside(database_url: str, suite: str = "aesgcm") -> Keys:
    """Return the keys in the file beside an SQLite database, made at first use and readable by its owner only.

    A database in memory has new ones each time: whoever asks keeps them for as long as it lives.

    Raises:
        Refused: at REGISTRY_FIELD_KEYS: another database, or the file cannot be kept or read.
    """
    place = _place(database_url)
    if place is None:
        return Keys.parse(new_key_text(_new_id()), suite)
    # Unlike Path.exists, this is False for a folder that may not be looked into: making the file then says why.
    if not os.path.exists(place):
        _make(place)
    return _parsed(place, _read(place)).using(suite)


def add_key(database_url: str, key_id: str | None = None, suite: str = "aesgcm") -> Keys:
    """Put a new key in front of those beside an SQLite database: it seals from now on, the others still open.

    Other running processes know nothing of it until they start again; fields move to it as they are sealed anew.

    Args:
        key_id: made up when left out.

    Raises:
        Refused: at REGISTRY_FIELD_KEYS: as `keys_beside`, the id is taken or none, or another key is just being added.
    """
    keys_beside(database_url)
    place = _place(database_url)
    if place is None:
        raise Refused.at(SETTING, "内存中的数据库没有密钥文件 (a database in memory has no key file)")
    added = _new_id() if key_id is None else key_id
    waiting = place.with_name(f"{FILE}.new")
    try:
        # Its presence is the lock: of two who add at once, neither loses the other's key.
        new = os.open(waiting, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise _unkept(
            place,
            f"另有密钥正在添加；若无人在添加，请删除 {waiting} 后重试"
            " (another key is being added; if not, delete that file and try again)",
        ) from None
    except OSError as failure:
        raise _unkept(place, failure.strerror or "") from None
    try:
        with open(new, "w", encoding="ascii") as draft:
            text = _with_key(added, place)
            _write_through(draft, text)
        os.replace(waiting, place)
    except BaseException as failure:
        # Only when it broke off: once it has taken its place, a file of that name is somebody else's lock.
        waiting.unlink(missing_ok=True)
        if isinstance(failure, OSError):
            raise _unkept(place, failure.strerror or "") from None
        raise
    _keep_name(place)
    return Keys.parse(text, suite)


def _with_key(key_id: str, place: Path) -> str:
    """Return what the file is to hold with a new key in front; asked under the lock only."""
    text = _read(place)
    if key_id in _parsed(place, text).by_id:
        raise Refused.at(SETTING, f"密钥编号 {key_id} 已有，请另取一个 (key id taken: choose another)")
    return f"{new_key_text(key_id)},{text}"


def _place(database_url: str) -> Path | None:
    """Return where the key file of a database stands, or None for one in memory."""
    scheme, _, file = database_url.partition(":///")
    if not scheme.startswith("sqlite"):
        name = scheme.partition(":")[0]
        raise Refused.at(SETTING, f"使用 {name} 时必填：编号:密钥，密钥为 32 字节的 base64 (required: id:base64key)")
    file = file.partition("?")[0]
    return None if file in ("", ":memory:") else Path(file).parent / FILE


def _make(place: Path) -> None:
    """Make the file with one key; whoever comes second finds it whole."""
    draft = place.with_name(f"{FILE}.{secrets.token_hex(8)}")
    try:
        place.parent.mkdir(exist_ok=True)
        try:
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as new:
                _write_through(new, new_key_text(_new_id()))
            # A link appears with its content or not at all, and never in the place of another.
            with suppress(FileExistsError):
                os.link(draft, place)
            _keep_name(place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as failure:
        raise _unkept(place, failure.strerror or "") from None


def _new_id() -> str:
    # Never the same twice: were a lost file made anew, fields must ask for the lost key by its own name.
    return f"k-{secrets.token_hex(4)}"


def _read(place: Path) -> str:
    try:
        return place.read_text(encoding="ascii").strip()
    except OSError as failure:
        raise _unkept(place, failure.strerror or "") from None
    except UnicodeDecodeError:
        raise _damaged(place, "不是文本 (not a text)") from None


def _parsed(place: Path, text: str) -> Keys:
    try:
        return Keys.parse(text)
    except Refused as refused:
        raise _damaged(place, "；".join(fault.message for fault in refused.faults)) from None


def _write_through(file: IO[str], text: str) -> None:
    """Write a text and wait until it is on the disk: fields are sealed with these keys next."""
    file.write(text)
    file.flush()
    os.fsync(file.fileno())


def _keep_name(place: Path) -> None:
    """Wait until the name of a file is on the disk as well."""
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unkept(place: Path, reason: str) -> Refused:
    return Refused.at(SETTING, f"无法使用密钥文件 {place}：{reason} (the key file cannot be used)")


def _damaged(place: Path, reason: str) -> Refused:
    return _unkept(place, f"{reason}；请从备份恢复，不要删除 (damaged: restore it from a backup, do not delete it)")
