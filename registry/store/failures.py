"""What a failure of the database means: whether it failed itself, and whether what was written may stand after all."""

from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from registry.domain.errors import Refused

# After one of these a connection of SQLite may never be of use again: it may have been opened to read only, because the
# file could not be opened to write at that moment.
_SPENT = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB")
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
    if failure.statement is not None:
        return False
    said = getattr(failure.orig, "sqlite_errorname", None)
    return failure.connection_invalidated if said is None else said.startswith(_HALF_WAY)


def is_spent(failure: BaseException) -> bool:
    """Say whether a connection of SQLite is to be given up after a failure of the driver."""
    return str(getattr(failure, "sqlite_errorname", "")).startswith(_SPENT)
