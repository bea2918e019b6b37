"""Keeps the evidence of a firm: attached, released after a scan, taken back, looked at. Flushes, never commits.

A file lies in the vault before its row is written: a row never speaks of what is not there. What was written without a
row, because the deed was undone, is swept from the vault a day later.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from registry.domain.errors import Fault, MoveNotAllowed, Refused
from registry.domain.facts import FIRST_YEAR, LAST_YEAR
from registry.domain.trail import Doer, Tag
from registry.evidence.kinds import MEBIBYTE, MOST_BYTES, MOST_FILES
from registry.evidence.scan import Outcome, Scanned
from registry.store.evidence import Evidence, digests_kept, evidence_alike, evidence_held
from registry.store.firms import Firm
from registry.store.jobs import files_of_jobs
from registry.work.open_account import read_text
from registry.work.trace import record

LONGEST_CRITERION = 200
LONGEST_NOTE = 500
# What a reader is told of a file that is not handed out.
_NOT_HANDED_OUT = {
    "quarantined": "这份文件还在等待安全检查，通过后才能下载 (it waits to be scanned: try again later)",
    "refused": "这份文件没有通过安全检查，不能下载 (it did not pass the scan and is not handed out)",
}


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that lies in the vault and was found fit."""

    name: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class About:
    """What a firm says of what it uploads."""

    criterion: str | None = None
    year: int | None = None
    note: str = ""


def read_about(criterion: str, year: str, note: str) -> About:
    """Read what a firm says of what it uploads.

    Raises:
        Refused: at `criterion`, `year`, `note`.
    """
    faults: list[Fault] = []
    told: dict[str, str] = {}
    for path, text, longest in (("criterion", criterion, LONGEST_CRITERION), ("note", note, LONGEST_NOTE)):
        try:
            told[path] = read_text(text, path, longest)
        except Refused as refused:
            faults += refused.faults
    digits = year.strip()
    is_year = digits.isascii() and digits.isdigit() and len(digits) == 4 and FIRST_YEAR <= int(digits) <= LAST_YEAR
    if digits and not is_year:
        faults.append(Fault("year", "请填写四位年份，如 2024 (a year of four digits, as 2024)"))
    if faults:
        raise Refused(faults)
    return About(told["criterion"] or None, int(digits) if digits else None, told["note"])


def check_quota(session: Session, firm: Firm, size: int) -> None:
    """Check that a firm may have one more file on file.

    Raises:
        Refused: it has as many files, or as many bytes, as it may have.
    """
    count, total = evidence_held(session, firm.id)
    if count >= MOST_FILES:
        raise Refused.at(
            "", f"每家企业最多 {MOST_FILES} 份，请先移除不再需要的 (at most {MOST_FILES} files: remove some first)"
        )
    if total + size > MOST_BYTES:
        most = MOST_BYTES // MEBIBYTE
        raise Refused.at("", f"每家企业合计最多 {most} MB，请先移除不再需要的 (at most {most} MB: remove some first)")


def attach(
    session: Session, firm: Firm, offered: Offered, about: About, *, is_scanned: bool, doer: Doer, now: datetime
) -> Evidence:
    """Put a file of the vault on file for a firm.

    Args:
        is_scanned: a scanner is set up: the file stays in quarantine until `settle`.

    Raises:
        Refused: the quota is used up, or the firm has the very same file on file.
    """
    check_quota(session, firm, offered.size)
    alike = evidence_alike(session, firm.id, offered.sha256)
    if alike is not None:
        raise Refused.at("", f"与已上传的“{alike.name}”内容相同，无需重复上传 (the same file is on file already)")
    row = Evidence(
        firm_id=firm.id,
        criterion=about.criterion,
        year=about.year,
        name=offered.name,
        kind=offered.kind,
        size=offered.size,
        sha256=offered.sha256,
        state="quarantined" if is_scanned else "clean",
        note=about.note,
        added_by=doer.signature,
        added_at=now,
    )
    session.add(row)
    session.flush()
    told = {**_told(row), "size": row.size, "state": row.state, "criterion": row.criterion, "year": row.year}
    record(session, Tag.EVIDENCE_ADDED, doer, now=now, subject=_subject(firm), after=told | {"note": row.note})
    return row


def note_refusal(session: Session, firm: Firm, name: str, reason: str, *, doer: Doer, now: datetime) -> None:
    """Trace that a file was not taken, and why."""
    record(session, Tag.EVIDENCE_REFUSED, doer, now=now, subject=_subject(firm), after={"name": name, "reason": reason})


def settle(session: Session, row: Evidence, firm: Firm, scanned: Scanned, *, doer: Doer, now: datetime) -> None:
    """Release a file from quarantine, or refuse it, by what a scan found; unscanned, it stays there."""
    if row.state != "quarantined" or row.removed_at is not None or scanned.outcome is Outcome.UNSCANNED:
        return
    if scanned.outcome is Outcome.CLEAN:
        row.state = "clean"
        record(
            session, Tag.EVIDENCE_ADDED, doer, now=now, subject=_subject(firm),
            before={"state": "quarantined"}, after={**_told(row), "state": row.state},
        )  # fmt: skip
        return
    row.state = "refused"
    record(
        session, Tag.EVIDENCE_REFUSED, doer, now=now, subject=_subject(firm),
        before={"state": "quarantined"}, after={**_told(row), "state": row.state, "reason": scanned.told},
    )  # fmt: skip


def remove(session: Session, row: Evidence, firm: Firm, *, doer: Doer, now: datetime) -> None:
    """Take a file back: its row says so from now on, and the file itself goes with a later sweep.

    Raises:
        MoveNotAllowed: it was taken back before.
    """
    if row.removed_at is not None:
        raise MoveNotAllowed("这份材料已移除 (it was removed already)")
    row.removed_at, row.removed_by = now, doer.signature
    record(session, Tag.EVIDENCE_REMOVED, doer, now=now, subject=_subject(firm), before=_told(row))


def ensure_clean(row: Evidence) -> None:
    """Make sure that a file may be handed out.

    Raises:
        MoveNotAllowed: it waits for its scan, or did not pass it.
    """
    if row.state != "clean":
        raise MoveNotAllowed(_NOT_HANDED_OUT[row.state])


def note_look(session: Session, row: Evidence, firm: Firm, *, doer: Doer, now: datetime) -> None:
    """Trace that a file is handed out to somebody."""
    record(session, Tag.EVIDENCE_SEEN, doer, now=now, subject=_subject(firm), after=_told(row))


def files_needed(session: Session, now: datetime) -> set[str]:
    """Return the digests of the files that a row, a case or a job needs; the others may be swept out of the vault."""
    return digests_kept(session) | files_of_jobs(session, now)


def _subject(firm: Firm) -> str:
    return f"firm:{firm.uscc}"


def _told(row: Evidence) -> dict[str, Any]:
    return {"evidence": row.id, "name": row.name, "sha256": row.sha256}
