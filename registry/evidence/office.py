"""Checks an .xlsx or .docx: known parts only, nothing that runs, and nothing fetched from elsewhere. Shows none of it.

Runs in the child process (registry.evidence.child).
"""

import html
import re
from dataclasses import dataclass
from xml.etree import ElementTree

from registry.evidence.kinds import Unfit
from registry.evidence.package import open_package, parts
from registry.evidence.polyglots import check_no_page
from registry.sheets.preflight import Unfit as UnfitSheet
from registry.sheets.preflight import open_package as open_workbook

_PICTURE = r"(png|jpe?g|gif|bmp|tiff?|emf|wmf|wdp|svg)"
_COMMON = (
    r"\[content_types\]\.xml|_rels/\.rels|docprops/[a-z0-9]+\.xml|docprops/thumbnail\.(jpe?g|png|emf|wmf)"
    r"|docmetadata/labelinfo\.xml|customxml/(_rels/)?[a-z0-9]+\.xml(\.rels)?"
)
_WORKBOOK = (
    rf"xl/[a-z0-9]+\.xml|xl/media/[^/]+\.{_PICTURE}|xl/theme/(media/[^/]+\.{_PICTURE}|[a-z0-9]+\.xml)"
    r"|xl/(worksheets|chartsheets|drawings|charts|tables|pivottables|pivotcache|comments|threadedcomments|persons"
    r"|richdata|slicers|slicercaches|timelines|timelinecaches|ctrlprops|featurepropertybag)/[a-z0-9]+\.xml"
    r"|xl/drawings/vmldrawing[0-9]*\.vml|xl/printersettings/[a-z0-9]+\.bin|xl/customproperty[0-9]*\.bin"
    r"|xl/([a-z]+/)?_rels/[a-z0-9.]+\.rels"
)
_DOCUMENT = (
    rf"word/[a-z0-9]+\.xml|word/media/[^/]+\.{_PICTURE}|word/theme/(media/[^/]+\.{_PICTURE}|[a-z0-9]+\.xml)"
    r"|word/(charts|diagrams|drawings|glossary|ink)/[a-z0-9]+\.xml|word/fonts/[^/]+\.(odttf|fntdata)"
    r"|word/([a-z]+/)?_rels/[a-z0-9.]+\.rels|word/printersettings/[a-z0-9]+\.bin"
)
# What is said of parts that are refused for a reason that people know.
_KNOWN_PARTS = (
    ("vbaproject", "含宏，请另存为不含宏的格式 (it holds macros)"),
    ("vbadata", "含宏，请另存为不含宏的格式 (it holds macros)"),
    ("macrosheets/", "含宏表，请另存为不含宏的格式 (it holds macro sheets)"),
    ("externallinks/", "含指向其他文件的链接，请断开链接后再存 (it links to other files)"),
    ("embeddings/", "含嵌入的文件或对象，请改为图片后再存 (it holds embedded objects)"),
    ("activex/", "含 ActiveX 控件，请删除后再存 (it holds ActiveX controls)"),
    ("connections", "含外部数据连接，请删除连接后再存 (it holds data connections)"),
    ("querytables/", "含外部数据连接，请删除连接后再存 (it holds data connections)"),
)
# By the last word of its type: what a part may lead to. All others, templates and objects among them, are refused.
_LINK = "hyperlink"
_DENIED_WORDS = (
    "attachedtemplate oleobject package control vbaproject afchunk externallink externallinkpath connections "
    "subdocument frame mailmergesource mailmergeheadersource activexcontrolbinary webextension customui "
    "webextensiontaskpanes ui-extensibility keymapcustomizations attachedtoolbars xlmacrosheet xlintlmacrosheet "
    "querytable recipientdata"
)
_DENIED_TYPES = frozenset(_DENIED_WORDS.split())
_SAFE_LINK = re.compile(r"(?i)(https?://|mailto:|#)[^\\]*\Z")
_DANGEROUS_XML = re.compile(
    rb"(?i)<(?:[\w.-]+:)?(?:ddelink|olelink|oleobjects?|oleitems?|altchunk|control|dataconsolidate)[\s/>]"
)
_FORMULA = re.compile(rb"<(?:\w+:)?(?:f|formula1?|formula2|definedName)(?:\s[^>]*)?>([^<]*)<", re.IGNORECASE)
_DDE = re.compile(r"[\w)\]]\s*\|\s*['\w]")
_CALLS = re.compile(r"(?i)\b(?:CALL|REGISTER|REGISTER\.ID|EXEC|WEBSERVICE|RTD|IMAGE|DDE)\s*\(")
_STYLE = re.compile(rb"<(?:\w+:)?xf[\s/>]")
_MOST_STYLES = 65_490
_ADVICE_LAST = re.compile(r"(.*) \(([ -~]+)\)：(.*)", re.DOTALL)
_FIELD_TEXT = re.compile(
    rb"<(?:[\w.-]+:)?instrText(?:\s[^>]*)?>([^<]*)<|<(?:[\w.-]+:)?fldSimple\s[^>]*?instr\s*=\s*[\"']([^\"']*)"
    rb"|<(?:[\w.-]+:)?(fldChar)[\s/>]"
)
# What may stand within a text without being of it, or around it.
_ASIDE = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[|\]\]>", re.DOTALL)
_FIELDS = re.compile(
    r"(?i)\b(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|EMBED|DATABASE|RD|MACRO|QUOTE\s+[0-9\"]+)\b"
)


@dataclass(frozen=True, slots=True)
class _Sort:
    parts: re.Pattern[str]
    main: bytes
    name: str


_SORTS = {
    "xlsx": _Sort(re.compile(f"(?:{_COMMON}|{_WORKBOOK})"), b"spreadsheetml.sheet.main+xml", "Excel"),
    "docx": _Sort(re.compile(f"(?:{_COMMON}|{_DOCUMENT})"), b"wordprocessingml.document.main+xml", "Word"),
}


def check_office(content: bytes, kind: str) -> None:
    """Check a whole document.

    Args:
        kind: `xlsx` or `docx`.

    Raises:
        Unfit: says what is wrong with it.
    """
    sort = _SORTS[kind]
    package = open_package(content)
    _check_parts([one.filename.lower() for one in package.infolist() if not one.is_dir()], sort)
    kinds = b""
    for name, body in parts(package):
        if name == "[Content_Types].xml":
            kinds = body
        _check_part(name.lower(), body, kind)
    if sort.main not in kinds or b"macroenabled" in kinds.lower():
        raise Unfit(f"不是普通的 {sort.name} 文件，请在 {sort.name} 中另存 (not a plain {sort.name} file)")
    if kind == "xlsx":
        _check_workbook(content)


def _check_workbook(content: bytes) -> None:
    """Ask of a workbook what every list that is imported is asked as well: how far its sheets reach, for one."""
    try:
        open_workbook(content)
    except UnfitSheet as unfit:
        # There the advice stands behind the English words.
        raise Unfit(_ADVICE_LAST.sub(r"\1，\3 (\2)", str(unfit))) from None


def _check_parts(names: list[str], sort: _Sort) -> None:
    if "[content_types].xml" not in names:
        raise Unfit(f"不是 {sort.name} 文件，只是改了扩展名的压缩包 (not a {sort.name} file)")
    for name in names:
        for mark, told in _KNOWN_PARTS:
            if mark in name:
                raise Unfit(told)
        if not sort.parts.fullmatch(name):
            shown = name[:60]
            raise Unfit(
                f"含不认识的部件 {shown}，请在 {sort.name} 中打开后另存 (it holds an unknown part: save it anew)"
            )


def _check_part(name: str, body: bytes, kind: str) -> None:
    if name.endswith(".rels"):
        _check_relations(body)
        return
    if not name.endswith((".xml", ".vml", ".svg")):
        return
    check_no_page(body)
    body = _ASIDE.sub(b"", body)
    if _DANGEROUS_XML.search(body):
        raise Unfit("含 DDE、嵌入对象或控件，请删除后再存 (it holds DDE, embedded objects or controls)")
    if kind == "docx":
        _check_fields(body)
    else:
        _check_formulas(name, body)


def _check_relations(body: bytes) -> None:
    try:
        # Declarations were refused when the part was unpacked, so nothing expands here.
        tree = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, ValueError):
        raise Unfit("文件结构不完整，请用原来的软件另存 (unreadable relations: save it anew)") from None
    for node in tree.iter():
        sort = node.get("Type", "").rstrip("/").rpartition("/")[2].lower()
        target = node.get("Target", "").strip()
        if sort in _DENIED_TYPES:
            raise Unfit(
                "引用了模板、对象或外部文件，请在原来的软件中断开后再存 "
                "(it refers to a template, an object or a file elsewhere)"
            )
        leads_outside = node.get("TargetMode", "").lower() == "external" or "://" in target or "\\" in target
        if leads_outside and not (sort == _LINK and _SAFE_LINK.match(target)):
            raise Unfit("引用了外部内容，请断开链接后再存 (it fetches something from elsewhere)")


def _check_formulas(name: str, body: bytes) -> None:
    if name == "xl/styles.xml" and len(_STYLE.findall(body)) > _MOST_STYLES:
        raise Unfit("单元格样式过多，请清理后再存 (too many cell styles)")
    for found in _FORMULA.finditer(body):
        text = html.unescape(found[1].decode("utf-8", "replace"))
        if ("|" in text and _DDE.search(_without_texts(text))) or _CALLS.search(text):
            raise Unfit("公式调用外部程序或网址，请删除该公式后再存 (a formula calls programs or addresses)")


def _without_texts(formula: str) -> str:
    """Return a formula without the texts in it: what stands in one calls nothing."""
    return re.sub(r'"[^"]*"', '""', formula)


def _check_fields(body: bytes) -> None:
    # A field may be cut into any number of runs; marks stand where it begins and ends.
    told = b"".join(run or (b" " + alone + b" ") for run, alone, _mark in _FIELD_TEXT.findall(body))
    text = told.decode("utf-8", "replace")
    if _FIELDS.search(html.unescape(text)):
        raise Unfit("含调用外部内容的域（DDE、INCLUDE 等），请删除后再存 (a field fetches or runs something)")
