"""The key that signs cookies: from the setting, or made beside an SQLite file at first use."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from registry.config.table import SHORTEST_KEY
from registry.domain.errors import Refused

if TYPE_CHECKING:
    from registry.config import Settings


def signing_key(settings: "Settings") -> str:
    """Return the key that signs cookies; beside an SQLite file it is made at first use, readable by its owner only.

    Raises:
        Refused: another database and no key, or the file cannot be kept.
    """
    if settings.secret_key is not None:
        return settings.secret_key
    scheme, _, file = settings.database_url.partition(":///")
    if not scheme.startswith("sqlite"):
        raise Refused.at(
            "REGISTRY_SECRET_KEY", f"使用 {scheme.partition(':')[0]} 时必填：至少 {SHORTEST_KEY} 个随机字符 (required)"
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
    if len(key) < SHORTEST_KEY:
        raise _unkept(place, "内容不全，请删除后重试 (incomplete: delete it and start again)")
    return key


def _unkept(place: Path, reason: str) -> Refused:
    return Refused.at("REGISTRY_SECRET_KEY", f"无法使用密钥文件 {place}：{reason} (the key file cannot be used)")
