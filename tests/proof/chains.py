"""What holds of a database whatever was done to the processes on it: both chains, the books, the file itself."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.work.audit import verify
from registry.work.keep_trail import verify_trail


def ensure_whole(session: Session) -> None:
    """Prove the chains of trail and books, and on SQLite the file."""
    trail, books = verify_trail(session), verify(session)
    assert trail.holds, trail.findings[:3]
    assert not books.findings, books.findings[:3]
    if session.get_bind().dialect.name == "sqlite":
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
