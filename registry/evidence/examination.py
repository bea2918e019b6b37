"""Has a file examined in a process of its own (registry.evidence.child) and says what came of it. Keeps nothing."""

from pathlib import Path
from threading import BoundedSemaphore

from registry.domain.errors import Refused
from registry.evidence.kinds import FileKind, Unfit, check_outside
from registry.sheets.jail import Child, JailedLines

# Seconds that an examination may take, and how many of them this process runs at once: each may ask for a gigabyte.
WALL_SECONDS = 9.0
_AT_ONCE = 3
_STOPPED = "文件过大或结构异常，检查被中止，请重新导出后再传 (too large or malformed: the examination was stopped)"
_room = BoundedSemaphore(_AT_ONCE)


def examine(kind: FileKind, place: Path) -> None:
    """Examine a whole file.

    Args:
        kind: what its name says it is.
        place: where it lies.

    Raises:
        Unfit: says what is wrong with it.
        OSError: it cannot be read.
    """
    with place.open("rb", buffering=0) as file:
        beginning = file.read(64)
        check_outside(kind, place.stat().st_size, beginning)
        file.seek(0)
        with _room:
            child = Child(("registry.evidence.child", kind.key), stopped=_STOPPED, seconds=WALL_SECONDS)
            try:
                about = JailedLines("", file, child).about()
            except Refused as refused:
                raise Unfit(refused.faults[0].message) from None
    if about.get("fit") != kind.key:
        raise Unfit(_STOPPED)
