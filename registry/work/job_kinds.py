"""The kinds of long work, each with its handler: what `registry worker` knows to do."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from registry.config import Settings, files_folder
from registry.domain.errors import Refused
from registry.evidence.vault import Vault
from registry.policy import Options
from registry.work.lay_out_screening import write_screening
from registry.work.run_jobs import Effect, Handler, Result, Running
from registry.work.screen import screen

# A list of a million firms is some 60 MB.
_MOST_BYTES = 512 * 2**20


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers, by kind of job."""
    options = Options(settings.local_table, settings.higher_title_counts)
    folder = files_folder(settings)
    vault = Vault(folder) if folder else None
    return {"screen": lambda running: _screen(running, vault, options)}


def _screen(running: Running, vault: Vault | None, options: Options) -> Effect:
    """Screen the register for a tier on a day, and write the list as a workbook."""
    if vault is None:
        raise Refused.at("", "内存中的数据库不存放文件 (a database in memory keeps no files)")
    told = running.told
    day, district = date.fromisoformat(told["on"]), told.get("district")
    running.note(0, 2, "判定 (judging)", now=True)
    with Session(running.engine) as session:
        screening = screen(session, told["tier"], told["kind"], day, district=district, options=options)
    running.note(1, 2, "写出 (writing)", now=True)
    place = vault.drafts() / f"job-{running.id}.xlsx"
    try:
        write_screening(screening, screening.rows(), "xlsx", place)
        with place.open("rb") as written, vault.draft(written, _MOST_BYTES) as draft:
            vault.keep(draft)
            size, sha256 = draft.size, draft.sha256
    finally:
        place.unlink(missing_ok=True)
    name = f"筛查-{told['tier']}-{day}{f'-{district}' if district else ''}.xlsx"
    return lambda session: Result(dict(screening.counts()), name, sha256, size)
