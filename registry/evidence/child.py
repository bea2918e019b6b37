"""Takes one evidence file apart in a process of its own: bytes on standard input, one JSON line on standard output.

What unpacks can be made to ask for any amount of memory or time; here that harms nobody. Run as
`python -m registry.evidence.child KIND`, never imported by the rest of the program. The line is `{"fit": kind}` or
`{"refused": why}`.
"""

import json
import sys
from collections.abc import Callable

from registry.evidence.images import check_jpeg, check_png
from registry.evidence.kinds import KINDS, MEBIBYTE, Unfit, check_outside
from registry.evidence.ofd import check_ofd
from registry.evidence.office import check_office
from registry.evidence.pdf import check_pdf
from registry.sheets.jail import confine

MEMORY_BYTES = 1_024 * MEBIBYTE
CPU_SECONDS = 8

_CHECKS: dict[str, Callable[[bytes], None]] = {
    "pdf": check_pdf,
    "ofd": check_ofd,
    "jpeg": check_jpeg,
    "png": check_png,
    "xlsx": lambda content: check_office(content, "xlsx"),
    "docx": lambda content: check_office(content, "docx"),
}


def main(kind: str) -> int:
    """Read standard input, say whether it is fit; exit 0 when the answer is complete."""
    confine(MEMORY_BYTES, CPU_SECONDS)
    content = sys.stdin.buffer.read(KINDS[kind].most_bytes + 1)
    answer = {"fit": kind}
    try:
        check_outside(KINDS[kind], len(content), content[:64])
        _CHECKS[kind](content)
    except Unfit as unfit:
        answer = {"refused": str(unfit)}
    except (MemoryError, RecursionError):
        # Said by nothing: whoever started this process takes it for stopped.
        return 1
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
