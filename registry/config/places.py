"""Where files are kept: in the folder of the setting, or beside an SQLite file. Makes no folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from registry.domain.errors import Refused

if TYPE_CHECKING:
    from registry.config import Settings


def files_folder(settings: "Settings") -> Path | None:
    """Return the folder of evidence files; None for a database in memory, beside which nothing is kept.

    Raises:
        Refused: another database, and the setting is empty.
    """
    if settings.files:
        return Path(settings.files)
    scheme, _, file = settings.database_url.partition(":///")
    if not scheme.startswith("sqlite"):
        raise Refused.at(
            "REGISTRY_FILES", f"使用 {scheme.partition(':')[0]} 时必填：存放证明材料的文件夹 (required: a folder)"
        )
    if file in ("", ":memory:"):
        return None
    return Path(file.partition("?")[0]).parent / "files"
