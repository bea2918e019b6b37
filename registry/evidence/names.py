"""Names of files: which are taken, and how one is written into the header of a download (RFC 6266). Opens nothing."""

import re
import unicodedata
from urllib.parse import quote

from registry.evidence.kinds import FileKind, Unfit, kind_of

LONGEST_NAME = 150
# What Windows would not let anybody save, and what separates folders anywhere.
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')
# Endings that mean something to somebody's machine: before another ending one of them is there to mislead.
_WORDS = (
    "pdf ofd jpg jpeg png xlsx docx doc xls xlsm xlsb docm dotm ppt pptx exe com scr bat cmd ps1 vbs vbe js jse wsf "
    "msi hta lnk jar sh py php asp aspx jsp html htm shtml xhtml svg xml zip rar 7z gz tar dll cpl apk gif bmp tif"
)
_TELLING = frozenset(_WORDS.split())
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def read_name(given: str | None) -> tuple[str, FileKind]:
    """Return the name under which a file is kept, and the kind that its ending stands for.

    Args:
        given: as the browser sent it.

    Raises:
        Unfit: a path, characters that are not seen, too long, two endings, or an ending that is not taken.
    """
    name = unicodedata.normalize("NFC", given or "")
    # Full-width and hard blanks look like blanks and become them; nothing else is put right in silence.
    name = "".join(" " if unicodedata.category(one) == "Zs" else one for one in name).strip()
    if not name:
        raise Unfit("文件没有名字 (the file has no name)")
    if len(name) > LONGEST_NAME:
        raise Unfit(f"文件名超过 {LONGEST_NAME} 个字符，请改短 (the name is longer than {LONGEST_NAME} characters)")
    if not name.isprintable() or "\ufffd" in name:
        raise Unfit("文件名含看不见或无法识别的字符，请重新命名 (the name has characters that cannot be seen or read)")
    if _FORBIDDEN.search(name) or _DEVICES.fullmatch(name) or name.startswith(".") or ".." in name:
        raise Unfit(
            "文件名含路径或不能使用的字符，请重新命名 (the name has a path or characters that names may not have)"
        )
    stem, dot, ending = name.rpartition(".")
    kind = kind_of(ending if dot else "")
    # Whoever does not see endings adds one that is there already.
    while stem.lower().rpartition(".")[2] in kind.endings and "." in stem:
        stem = stem.rpartition(".")[0]
    for inner in stem.lower().split(".")[1:]:
        if inner.strip() in _TELLING:
            raise Unfit(
                f"文件名有两个扩展名（.{inner.strip()}.{ending}），请只留一个 (the name has two endings: keep one)"
            )
    if not stem.strip(" ."):
        raise Unfit("文件没有名字 (the file has no name)")
    return f"{stem}.{ending}", kind


def content_disposition(name: str) -> str:
    """Return the header by which a browser saves a file under its name and never opens it in a page.

    The plain form is for the oldest readers; all others take the second, which holds every character (RFC 8187).
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", ascii_name).strip(" .")
    stem, _dot, ending = plain.rpartition(".")
    fallback = plain if stem.strip(" ._") else f"file.{ending}"
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
