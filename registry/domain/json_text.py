"""Reads JSON text exactly: decimals as written, no key twice, no number too long to be meant."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from registry.domain.errors import Refused

# One firm is a few kilobytes; whatever is far over that is not a firm.
LONGEST_DOCUMENT = 1_000_000
_LONGEST_NUMBER = 60


class _Slip(Exception):
    """A fault found while the text is read, where no path is known yet."""


def _whole(text: str) -> int:
    # Python refuses to convert very long numbers, and rightly; say so before it does.
    if len(text) > _LONGEST_NUMBER:
        raise _Slip(f"数字过长（{len(text)} 位） (number too long)")
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER:
        raise _Slip(f"数字过长（{len(text)} 个字符） (number too long)")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _Slip(f"数字 {text} 的指数过大 (exponent too large)") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Slip(f"键 {key[:40]!r} 出现两次，只能出现一次 (duplicate key)")
        found[key] = value
    return found


def read_json(content: bytes | str, path: str = "") -> Any:
    """Return the value of a JSON text; numbers with a point or exponent come as Decimal.

    NaN and Infinity come as float, which no fact accepts, so that they are refused at their own path.

    Raises:
        Refused: not UTF-8, not JSON, longer than LONGEST_DOCUMENT, nested too deeply, or a key twice.
    """
    if len(content) > LONGEST_DOCUMENT:
        raise Refused.at(
            path, f"内容超过 {LONGEST_DOCUMENT:,} 字节；每份文件或每行只放一家企业 (too large: one firm a file or line)"
        )
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
        return json.loads(text, parse_float=_decimal, parse_int=_whole, object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise Refused.at(path, f"第 {error.start + 1} 字节不是 UTF-8，请另存为 UTF-8 (not UTF-8)") from None
    except json.JSONDecodeError as error:
        raise Refused.at(path, f"不是 JSON：第 {error.lineno} 行第 {error.colno} 列，{error.msg} (not JSON)") from None
    except RecursionError:
        raise Refused.at(path, "嵌套过深 (nested too deeply)") from None
    except _Slip as slip:
        raise Refused.at(path, str(slip)) from None
