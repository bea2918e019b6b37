"""Jobs of imports: a list of firms, titles or above-scale stays is checked, then filed whole in one transaction.

A check writes nothing but a copy of the list with its faults. A list is read again before it is filed, so that what is
filed is what lies in the vault; filing the same list twice changes nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import Session

from registry.domain.errors import Refused
from registry.evidence.vault import Vault
from registry.sheets.book_rows import read_scale, read_titles
from registry.sheets.firm_rows import read_firms
from registry.sheets.reading import Reading, SheetFault, write_faulted_copy
from registry.work.enrol import enrol
from registry.work.file_books import file_stays, file_titles
from registry.work.identify import Filed
from registry.work.job_files import Written, ensure_vault, keep, taken_out, written
from registry.work.run_jobs import Effect, Result, Running

# So many faults are shown on the page; the copy has them all.
FAULTS_SHOWN = 200
_READERS: Mapping[str, Callable[[Path], Reading[Any]]] = {
    "firms": read_firms,
    "titles": read_titles,
    "scale": read_scale,
}
LISTS = tuple(_READERS)


class _Deed(Protocol):
    def __call__(self, session: Session, running: Running, rows: list[Any], progress: Callable[[int], None]) -> Filed:
        """File the rows of a list."""


def check_list(running: Running, vault: Vault | None) -> Effect:
    """Read a list whole and tell its faults by cell; store nothing."""
    vault = ensure_vault(vault)
    running.note(0, 0, "检查 (checking)", now=True)
    reading = _read(running, vault)
    good = len(reading.rows)
    told = {
        "rows": reading.row_count,
        "good": good,
        "faults": len(reading.faults),
        "header_is_good": reading.header_is_good,
    }
    shown = {
        "first": [_as_row(one) for one in reading.faults[:FAULTS_SHOWN]],
        "unread": list(reading.table.unread_sheets),
    }
    if not reading.faults:
        return lambda session: Result(told, shown=shown)
    running.note(1, 2, "写出带错误说明的副本 (writing the copy with its faults)", now=True)
    with written(vault, running.id, reading.table.form) as place:
        write_faulted_copy(reading, place)
        sha256, size = keep(vault, place)
    name = f"{Path(running.told['name']).stem}-校验结果.{reading.table.form}"
    return lambda session: Result(told, name, sha256, size, shown)


def file_list(running: Running, vault: Vault | None) -> Effect:
    """File the good rows of a list that was checked.

    Raises:
        Refused: it has rows that are not good and nobody said that they may be left out; nothing is stored.
    """
    vault = ensure_vault(vault)
    running.note(0, 0, "读取 (reading)", now=True)
    reading = _read(running, vault)
    bad = reading.row_count - len(reading.rows)
    if reading.faults and not (running.told["skip"] and reading.header_is_good):
        raise Refused.at("", f"共 {reading.row_count} 行，{bad} 行不能导入，未写入任何数据 (nothing was stored)")
    rows = [row for _number, row in reading.rows]
    deed = _DEEDS[running.told["list"]]
    running.note(0, len(rows), "写入 (storing)", now=True)

    def effect(session: Session) -> Result:
        progress = Written(vault, running.id, len(rows))
        try:
            filed = deed(session, running, rows, progress.add)
        finally:
            progress.over()
        return Result({"added": filed.added, "changed": filed.changed, "unchanged": filed.unchanged, "left_out": bad})

    return effect


def _read(running: Running, vault: Vault) -> Reading[Any]:
    ending = Path(running.told["name"]).suffix.lower().lstrip(".")
    with taken_out(vault, running.id, running.told["sha256"], ending) as place:
        try:
            return _READERS[running.told["list"]](place)
        except Refused as refused:
            # The place is the vault's; whoever asks knows the list by its own name.
            raise Refused.at("", "；".join(fault.message for fault in refused.faults)) from None


def _as_row(fault: SheetFault) -> dict[str, str]:
    return {"at": fault.address, "header": fault.header, "value": fault.value, "message": fault.message}


def _firms(session: Session, running: Running, rows: list[Any], progress: Callable[[int], None]) -> Filed:
    now = running.clock()
    told: dict[str, Any] = {"now": now, "on": now.date(), "source": running.told["name"], "progress": progress}
    return enrol(session, rows, actor=running.doer.name, doer=running.doer, **told)


def _titles(session: Session, running: Running, rows: list[Any], progress: Callable[[int], None]) -> Filed:
    told: dict[str, Any] = {"now": running.clock(), "source": running.told["name"], "progress": progress}
    return file_titles(session, rows, actor=running.doer.name, doer=running.doer, **told)


def _stays(session: Session, running: Running, rows: list[Any], progress: Callable[[int], None]) -> Filed:
    told: dict[str, Any] = {"now": running.clock(), "source": running.told["name"], "progress": progress}
    return file_stays(session, rows, actor=running.doer.name, doer=running.doer, **told)


_DEEDS: Mapping[str, _Deed] = {"firms": _firms, "titles": _titles, "scale": _stays}
