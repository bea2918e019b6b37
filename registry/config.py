"""Settings: from the environment only, each with a sensible default. A name that nobody knows is refused.

Decides nothing else; the key that signs cookies is made here because nowhere else may it be seen.
"""

import difflib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from registry.domain.errors import Fault, Refused

PREFIX = "REGISTRY_"
MASK = "******"
_SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the environment.

    Attributes:
        read: the method of environs that reads it.
        expected: what a good value looks like, for a refusal.
        accepts: says whether a value that could be read may be used.
        is_secret: never shown.
    """

    name: str
    read: str
    default: Any
    meaning: str
    meaning_en: str
    expected: str
    accepts: Callable[[Any], bool] = lambda value: True
    is_secret: bool = False

    @property
    def field(self) -> str:
        """Return the attribute of `Settings` that holds it."""
        return self.name.removeprefix(PREFIX).lower()


def _is_zone(name: str) -> bool:
    try:
        return bool(zone_named(name))
    except (KeyError, ValueError, OSError):
        return False


SETTINGS = (
    Setting(
        "REGISTRY_DATABASE_URL",
        "str",
        "sqlite:///var/registry.sqlite",
        "数据库地址，SQLite 或 PostgreSQL",
        "where the database is, as an SQLAlchemy URL",
        "sqlite:///文件 或 postgresql+psycopg://…",
        bool,
    ),
    Setting(
        "REGISTRY_LOCAL_TABLE",
        "str",
        "shandong-2022",
        "专精特新“特色化”指标所用的地方评分表",
        "the local table of the scored indicator 特色化",
        "地方评分表的名称 (a name of a local table)",
        bool,
    ),
    Setting(
        "REGISTRY_HIGHER_TITLE_COUNTS",
        "bool",
        False,
        "持有上一级称号是否视同持有下一级",
        "whether a higher title stands in for a missing lower one",
        "true 或 false",
    ),
    Setting(
        "REGISTRY_SECRET_KEY",
        "str",
        None,
        "签名密钥；用 SQLite 文件时可不设，自动生成并存于数据库旁",
        "signs cookies and forms; made beside an SQLite file when it is not set",
        f"至少 {_SHORTEST_KEY} 个字符 (at least {_SHORTEST_KEY} characters)",
        lambda value: len(value) >= _SHORTEST_KEY,
        is_secret=True,
    ),
    Setting("REGISTRY_HOST", "str", "127.0.0.1", "服务监听的地址", "the address it serves on", "主机名或 IP", bool),
    Setting(
        "REGISTRY_PORT",
        "int",
        8000,
        "服务监听的端口",
        "the port it serves on",
        "0–65535",
        lambda value: 0 <= value <= 65535,
    ),
    Setting(
        "REGISTRY_TIME_ZONE",
        "str",
        "Asia/Shanghai",
        "办公所在时区：决定“今天”",
        "the zone of the office: says which day is today",
        "IANA 时区名，如 Asia/Shanghai (a zone name)",
        _is_zone,
    ),
    Setting(
        "REGISTRY_LANGUAGE",
        "str",
        "zh",
        "页面与命令的默认语言",
        "the language of pages and commands unless asked otherwise",
        "zh 或 en",
        lambda value: value in ("zh", "en"),
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of this run (see SETTINGS for their meaning)."""

    database_url: str
    local_table: str
    higher_title_counts: bool
    secret_key: str | None
    host: str
    port: int
    time_zone: str
    language: str

    @property
    def zone(self) -> tzinfo:
        """Return the zone of the office."""
        return zone_named(self.time_zone)


def zone_named(name: str) -> tzinfo:
    """Return a time zone; that of the default is known even to a machine without a zone table."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        if name != "Asia/Shanghai":
            raise
        # China has kept one zone without summer time since 1991.
        return timezone(timedelta(hours=8), name)


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        Refused: an unknown name that begins with REGISTRY_, with the closest known one; or a value that cannot be used.
    """
    from environs import Env, EnvError

    env = Env()
    faults = [_unknown(name) for name in sorted(os.environ) if name.startswith(PREFIX) and name not in KNOWN]
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            value = getattr(env, setting.read)(setting.name, setting.default)
            is_good = value is setting.default or setting.accepts(value)
        except EnvError:
            value, is_good = None, False
        if not is_good:
            stated = MASK if setting.is_secret else repr(os.environ[setting.name])
            faults.append(Fault(setting.name, f"应为 {setting.expected}，现为 {stated} ({setting.meaning_en})"))
        values[setting.field] = value
    if faults:
        raise Refused(faults)
    return Settings(**values)


KNOWN = tuple(setting.name for setting in SETTINGS)


def _unknown(name: str) -> Fault:
    closest = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0)[0]
    return Fault(name, f"没有这个设置，最接近的是 {closest}；全部设置见 registry settings (unknown setting)")


def signing_key(settings: Settings) -> str:
    """Return the key that signs cookies; beside an SQLite file it is made at first use, readable by its owner only.

    Raises:
        Refused: another database and no key, or the file cannot be kept.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    scheme, _, file = settings.database_url.partition(":///")
    if not scheme.startswith("sqlite"):
        raise Refused.at(
            "REGISTRY_SECRET_KEY", f"使用 {scheme.partition(':')[0]} 时必填：至少 {_SHORTEST_KEY} 个随机字符 (required)"
        )
    if file in ("", ":memory:"):
        return secrets.token_hex(32)
    place = Path(file.partition("?")[0]).parent / "secret-key"
    try:
        place.parent.mkdir(exist_ok=True)
        # Made and written by one process only, and closed to everybody else from its first moment.
        with open(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as new:
            new.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as failure:
        raise _unkept(place, failure.strerror or "") from None
    try:
        key = place.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as failure:
        raise _unkept(place, str(failure)) from None
    if len(key) < _SHORTEST_KEY:
        raise _unkept(place, "内容不全，请删除后重试 (incomplete: delete it and start again)")
    return key


def _unkept(place: Path, reason: str) -> Refused:
    return Refused.at("REGISTRY_SECRET_KEY", f"无法使用密钥文件 {place}：{reason} (the key file cannot be used)")


def listed(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Return every setting as name, value, default and meaning, with secrets masked, for `registry settings`."""
    rows = []
    for setting in SETTINGS:
        value = _shown(setting, getattr(settings, setting.field))
        rows.append(
            (setting.name, value, _shown(setting, setting.default), f"{setting.meaning} ({setting.meaning_en})")
        )
    return rows


def _shown(setting: Setting, value: Any) -> str:
    if value is None:
        return ""
    if setting.is_secret:
        return MASK
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    if setting.name == "REGISTRY_DATABASE_URL" and "://" in text:
        # A password stands between the first colon after the scheme and the last @.
        scheme, _, rest = text.partition("://")
        user, at, place = rest.rpartition("@")
        name, colon, _password = user.partition(":")
        return f"{scheme}://{name}{colon}{MASK if colon else ''}{at}{place}"
    return text
