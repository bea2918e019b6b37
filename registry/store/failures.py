"""What a failure of the database means: whether it failed itself, and whether what was written may stand after all."""

from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from registry.domain.errors import Refused

# SQLite says of these only that a disk did not do as it was told, not how far it came.
_HALF_WAY = ("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")


class Unconfirmed(Refused):
    """The database failed while it kept a transaction: that may be kept, or may not; whoever asks again finds out."""


def is_unusable(failure: BaseException | None) -> bool:
    """Say whether the database itself failed – locked, full, gone, damaged – and not what was asked of it."""
    if not isinstance(failure, DBAPIError):
        return False
    # The bare class is what SQLite raises of a file that it cannot make sense of, also of one it could not read.
    return isinstance(failure, OperationalError) or type(failure) is DatabaseError or failure.connection_invalidated


def may_be_kept(failure: DBAPIError) -> bool:
    """Say whether a commit that failed may stand: the answer of a server was lost, or a disk failed half-way."""
    said = getattr(failure.orig, "sqlite_errorname", "")
    return failure.statement is None and (failure.connection_invalidated or said.startswith(_HALF_WAY))
