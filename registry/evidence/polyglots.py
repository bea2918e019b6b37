"""Finds a second file inside a file: an archive at its end, a page or script in its text. Only reads."""

import re

from registry.evidence.kinds import Unfit

# An archive is found by its end, which with its comment takes up no more than this.
_TAIL = 22 + 65_535
_END_OF_ARCHIVE = b"PK\x05\x06"
_ENDS_OF_OTHERS = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
# Five letters and more, so that compressed data holds none by chance.
_PAGE = re.compile(rb"(?i)<(?:script|iframe|html[\s>/]|!doctype\s+(?:html|svg)|\?php\s)")


def check_alone(content: bytes) -> None:
    """Check that nobody could take a file for an archive or a page as well.

    Raises:
        Unfit: somebody could.
    """
    tail = content[-_TAIL:]
    if _END_OF_ARCHIVE in tail or any(mark in content for mark in _ENDS_OF_OTHERS):
        raise Unfit("文件里夹带压缩包，请用原来的软件另存后再传 (an archive is hidden in it: save it anew)")
    check_no_page(content)


def check_no_page(content: bytes) -> None:
    """Check that a text holds no page and no script.

    Raises:
        Unfit: it does.
    """
    if _PAGE.search(content):
        raise Unfit("文件里夹带网页或脚本，请用原来的软件另存后再传 (a page or script is hidden in it: save it anew)")
