"""Checks an OFD (GB/T 33190): its root names documents that are inside, and every part is of a known sort. Shows none.

Runs in the child process (registry.evidence.child).
"""

import re
from xml.etree import ElementTree

from registry.evidence.kinds import Unfit
from registry.evidence.package import open_package, parts
from registry.evidence.polyglots import check_no_page

_ROOT = "OFD.xml"
_NAMESPACE = "http://www.ofdspec.org/2016"
# Pages and their signatures, pictures, fonts, seals, and what invoices carry along as data.
_PARTS = re.compile(
    r"[^/]+(?:/[^/]+){0,9}\.(?:xml|jpe?g|png|bmp|gif|tiff?|jb2|gbig2|ttf|ttc|otf|dat|esl|cer|icc|xbrl|xsd)|ofd\.xml"
)
_MEDIA = re.compile(rb"<(?:\w+:)?(?:Movie|Sound|GotoA)[\s/>]")
_STRANGE = "不是规范的 OFD 文件，请重新导出，或转成 PDF 再传 (not a regular OFD: export it anew, or as PDF)"


def check_ofd(content: bytes) -> None:
    """Check a whole OFD.

    Raises:
        Unfit: says what is wrong with it.
    """
    package = open_package(content)
    names = {one.filename for one in package.infolist() if not one.is_dir()}
    if _ROOT not in names:
        raise Unfit("不是 OFD 文件，只是改了扩展名的压缩包 (not an OFD file)")
    for name in names:
        if not _PARTS.fullmatch(name.lower()):
            raise Unfit(f"含不认识的部件 {name[:60]}，请重新导出 (it holds an unknown part: export it anew)")
    for name, body in parts(package):
        if name == _ROOT:
            _check_root(body, names)
        if name.lower().endswith((".xml", ".xbrl", ".xsd")):
            check_no_page(body)
            if _MEDIA.search(body):
                raise Unfit("含多媒体或附件动作，请删除后重新导出 (it plays media or opens attachments)")


def _check_root(body: bytes, names: set[str]) -> None:
    try:
        # Declarations were refused when the part was unpacked, so nothing expands here.
        tree = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        raise Unfit(_STRANGE) from None
    roots = [(node.text or "").strip() for node in tree.iter(f"{{{_NAMESPACE}}}DocRoot")]
    if tree.tag != f"{{{_NAMESPACE}}}OFD" or not roots:
        raise Unfit(_STRANGE)
    for place in roots:
        plain = place.lstrip("/")
        if ".." in plain.split("/") or plain not in names:
            raise Unfit(_STRANGE)
