"""Settings: from the environment only, each with a sensible default. A name that nobody knows is refused."""

import difflib
import os
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from registry.config.places import files_folder
from registry.config.signing import signing_key
from registry.config.table import PREFIX, SETTINGS, Setting, zone_named
from registry.domain.errors import Fault, Refused

__all__ = [
    "KNOWN",
    "PREFIX",
    "SETTINGS",
    "Settings",
    "files_folder",
    "listed",
    "load_settings",
    "signing_key",
    "zone_named",
]

MASK = "******"


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
    public_url: str = "http://127.0.0.1:8000"
    trusted_proxy: str = ""
    field_keys: str | None = None
    password_profile: str = "djbh"  # noqa: S105 - the name of a set of rules
    idle_minutes: int = 30
    session_hours: int = 8
    mail_url: str = ""
    mail_from: str = "registry@localhost"
    rate_limit: str = "1200 per minute"
    api_rate_limit: str = "600 per minute"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    files: str = ""
    clamd: str = ""
    worker: str = ""
    processes: int = 1
    metrics_token: str | None = None

    @property
    def works_inside(self) -> bool:
        """Say whether the server does long work itself: for one office, unless the setting says otherwise."""
        return self.worker == "inside" or (not self.worker and self.database_url.startswith("sqlite"))

    @property
    def zone(self) -> tzinfo:
        """Return the zone of the office."""
        return zone_named(self.time_zone)


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
    values["public_url"] = values["public_url"] or _own_address(values["host"], values["port"])
    return Settings(**values)


def _own_address(host: str, port: int) -> str:
    """Return the address of a server on this machine, for people who sit at it."""
    seen = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - named, not listened on
    return f"http://{f'[{seen}]' if ':' in seen else seen}:{port}"


KNOWN = tuple(setting.name for setting in SETTINGS)


def _unknown(name: str) -> Fault:
    closest = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0)[0]
    return Fault(name, f"没有这个设置，最接近的是 {closest}；全部设置见 registry settings (unknown setting)")


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
