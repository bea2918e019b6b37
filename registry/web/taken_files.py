"""Takes the files of a form: each examined and laid into the vault.

Of somebody outside each is scanned first where a scanner is set up; what is not fit, or cannot be scanned now, is told
and not kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from werkzeug.datastructures import FileStorage

from registry.evidence.examination import examine
from registry.evidence.kinds import FileKind, Unfit
from registry.evidence.names import read_name
from registry.evidence.scan import Outcome, scan
from registry.evidence.vault import Draft, NotKept
from registry.web import db
from registry.web.language import of_both
from registry.web.language import say as _
from registry.web.signed_in import settings
from registry.web.uploads import vault
from registry.work.keep_evidence import Offered

NOT_SAVED = "未保存：存储暂时不可用，请稍后重试 (not saved: the disk does not take it)"
_FOUND = "没有通过安全检查，请更换文件 (it did not pass the scan)"
_NOT_SCANNED = "暂时无法进行安全检查，请稍后再试，或先不附文件提交 (it cannot be scanned now: try later, or send none)"


@dataclass
class Taken:
    """What came of the files of a form.

    Attributes:
        faults: what to tell of each that was not taken, in the reader's language.
        is_disk: the disk, not a file, was at fault.
    """

    kept: list[Offered] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_disk: bool = False

    @property
    def status(self) -> int:
        """Return the status of an answer that tells the faults."""
        return 503 if self.is_disk else 422


def chosen_files(files: Iterable[FileStorage]) -> list[FileStorage]:
    """Return the files of a box that were chosen; an empty box sends one without a name."""
    return [one for one in files if one.filename]


def take_files(files: Iterable[FileStorage]) -> Taken:
    """Take files; nothing of the database is held meanwhile."""
    let_go()
    came = Taken()
    for file in files:
        shown = shown_name(file)
        try:
            came.kept.append(lay_down(file, *read_name(file.filename), ensure=_ensure_clean))
        except Unfit as unfit:
            came.faults.append(_("%(file)s：%(fault)s", file=shown, fault=of_both(str(unfit))))
        except (NotKept, OSError) as failure:
            why = str(failure) if isinstance(failure, NotKept) else NOT_SAVED
            came.faults.append(_("%(file)s：%(fault)s", file=shown, fault=of_both(why)))
            came.is_disk = True
    return came


def let_go() -> None:
    """End what this request reads: on SQLite nobody could write as long as its files are looked at."""
    db.session.expunge_all()
    db.session.rollback()


def shown_name(file: FileStorage) -> str:
    """Return what a file calls itself, cut to 150 characters and fit to be shown, also where it is no name to keep."""
    return "".join(one if one.isprintable() else "�" for one in (file.filename or "")[:150])


def lay_down(file: FileStorage, name: str, kind: FileKind, *, ensure: Callable[[Draft], None] | None = None) -> Offered:
    """Examine a file and lay it into the vault.

    Args:
        ensure: asked of the draft before it is kept; raises for one that is not to be.

    Raises:
        Unfit: it is not what its name says, or not to be taken.
        NotKept, OSError: the disk does not take it.
    """
    with vault().draft(file.stream, kind.most_bytes) as draft:
        examine(kind, draft.place)
        if ensure:
            ensure(draft)
        vault().keep(draft)
    return Offered(name, kind.key, draft.size, draft.sha256)


def _ensure_clean(draft: Draft) -> None:
    if not settings().clamd:
        return
    with draft.place.open("rb") as content:
        found = scan(settings().clamd, content)
    if found.outcome is not Outcome.CLEAN:
        raise Unfit(_FOUND if found.outcome is Outcome.FOUND else _NOT_SCANNED)
