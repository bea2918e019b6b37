"""Checkpoints of the ledger and of the trail: files that say where a chain stood, written here and read again."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from registry.config import load_settings
from registry.domain.chain import GENESIS, Head
from registry.domain.errors import Refused
from registry.domain.json_text import LONGEST_DOCUMENT, read_json

_HASH = re.compile(r"[0-9a-f]{64}")
# A file, or a folder in which it is named by chain and day.
CHECKPOINT_OUT: Any = click.Path(path_type=Path)
CHECKPOINTS = click.option(
    "--checkpoint",
    "files",
    type=click.Path(path_type=Path),
    multiple=True,
    help="另存的检查点文件，可多次给出 · A checkpoint kept elsewhere; may be given more than once.",
)


def write_checkpoint(stands: dict[str, Any], out: Path | None) -> None:
    """Write where a chain stands: to a file, to one of this day in a folder, or to standard output.

    Raises:
        Refused: at the file, when it cannot be written.
    """
    text = json.dumps(stands, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    if out.is_dir():
        day = datetime.now(load_settings().zone).date()
        out = out / f"{stands.get('chain', 'ledger')}-{day}.json"
    try:
        out.write_text(text, "utf-8")
    except OSError as failure:
        raise Refused.at(str(out), f"检查点写不出：{failure.strerror} (could not be written)") from None
    click.echo(f"{out}：{stands['seq']} 条 (entries)", err=True)


def head_of(file: Path, chain: str | None, expected: str) -> Head:
    """Return the head that a checkpoint holds.

    Args:
        chain: as the file must name it, the ledger by no name: a checkpoint of the other chain looks alike and would
            break this one.
        expected: what is told where it is none of this chain.

    Raises:
        Refused: at the file.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(LONGEST_DOCUMENT + 1)
    except OSError as failure:
        raise Refused.at(str(file), f"检查点读不出：{failure.strerror} (the checkpoint cannot be read)") from None
    stands: Any = read_json(content, str(file))
    if not isinstance(stands, dict) or stands.get("chain") != chain:
        raise Refused.at(str(file), expected)
    seq, told = stands.get("seq"), stands.get("hash")
    if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0:
        raise Refused.at(f"{file}: seq", f"应为不小于 0 的整数，现为 {seq!r} (a number of entries expected)")
    if not isinstance(told, str) or not _HASH.fullmatch(told) or (seq == 0 and told != GENESIS):
        raise Refused.at(f"{file}: hash", f"应为该编号的 64 位十六进制校验值，现为 {told!r} (a hash expected)")
    return Head(seq, told)
