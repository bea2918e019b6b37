"""Typesets one sheet in a process of its own: data on standard input, one JSON line with the PDF on standard output.

A name can be made to ask for any amount of work; here that harms nobody. Run as `python -m registry.work.typeset`,
never imported by the rest of the program. It sees the fonts of one folder and no other, no file of the machine, and no
network; what it is given is data, never markup. The line is `{"pdf": base64}` or `{"refused": why}`.
"""

import base64
import json
import os
import sys
from datetime import datetime

from registry.sheets.jail import confine

MEMORY_BYTES = 1_536 * 1024 * 1024
CPU_SECONDS = 15
_MOST_BYTES = 1_000_000


def main() -> int:
    """Read standard input, write the sheet; exit 0 when the answer is complete."""
    confine(MEMORY_BYTES, CPU_SECONDS)
    # A thread for each core would each ask for a stack, and one sheet needs no more than one.
    os.environ["RAYON_NUM_THREADS"] = "1"
    import typst

    asked = json.loads(sys.stdin.buffer.read(_MOST_BYTES))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[asked["fonts"]])
    try:
        pdf, warnings = typst.compile_with_warnings(
            asked["template"].encode(),
            root=asked["root"],
            font_paths=fonts,
            sys_inputs={asked["input"]: json.dumps(asked["content"], ensure_ascii=False)},
            format="pdf",
            pdf_standards=["a-2b"],
            timestamp=datetime.fromisoformat(asked["made_at"]),
        )
    except typst.TypstError as error:
        answer = {"refused": f"排版失败：{error.message} (typesetting failed)"}
    else:
        told = "; ".join(one.message for one in warnings)
        made = base64.b64encode(pdf).decode("ascii") if isinstance(pdf, bytes) else ""
        answer = {"refused": f"排版有问题：{told} (typesetting complained)"} if told else {"pdf": made}
    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
