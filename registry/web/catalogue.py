"""The English catalogue: what there is to translate, and the compiled file that pages read.

Run as `python -m registry.web.catalogue` in a checkout after a text was changed: it brings `messages.po` up to
date and compiles it. A test compares all three.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from registry.domain.codes import CHOICE_WORDS, ENTRY_WORDS, EVENT_WORDS, EXIT_REASONS, KIND_WORDS
from registry.domain.trades import DIVISIONS

CHECKOUT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
_FIXED = datetime(2026, 1, 1, tzinfo=UTC)
_KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None}


def words() -> Iterator[str]:
    """Yield the words of the domain that pages look up by value."""
    tables: Iterable[Iterable[str]] = (
        *(choices.values() for choices in CHOICE_WORDS.values()),
        EXIT_REASONS.values(),
        ENTRY_WORDS.values(),
        EVENT_WORDS.values(),
        KIND_WORDS.values(),
        DIVISIONS.values(),
    )
    for table in tables:
        yield from table


def extracted() -> Catalog:
    """Return everything there is to translate, in the order of its first place."""
    catalogue = _empty()
    sources = (("registry/web", [("**.py", "python")]), ("templates", [("**.html", "jinja2")]))
    options = {"**.html": {"trimmed": "true", "silent": "false"}}
    for folder, methods in sources:
        found = extract_from_dir(CHECKOUT / folder, methods, options, keywords=_KEYWORDS)
        for file, _line, message, _comments, _context in sorted(found, key=lambda one: (one[0], one[1])):
            # Without line numbers, so that the file changes only when a text does.
            catalogue.add(message, locations=[(f"{folder}/{file}", 0)])
    for word in words():
        catalogue.add(word, locations=[("registry/domain/codes.py", 0)])
    return catalogue


def _empty() -> Catalog:
    """Return a catalogue without texts, whose header never changes: the history keeps who and when."""
    return Catalog(
        locale="en",
        project="registry",
        version="1",
        header_comment="# English words of the pages; written by `python -m registry.web.catalogue`.",
        msgid_bugs_address="registry",
        last_translator="registry",
        language_team="registry",
        creation_date=_FIXED,
        revision_date=_FIXED,
        fuzzy=False,
    )


def stored() -> Catalog:
    """Return the catalogue as it is kept."""
    catalogue = _empty()
    with PO.open("rb") as file:
        for message in read_po(file, locale="en"):
            if message.id:
                catalogue.add(message.id, message.string, locations=message.locations, context=message.context)
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as pages read it."""
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def main() -> None:
    """Bring the stored catalogue up to date and compile it; print what lacks English."""
    known, catalogue = stored() if PO.exists() else _empty(), extracted()
    for message in catalogue:
        if message.id and (found := known.get(message.id)):
            message.string = found.string
    # What is said of one thing alone, under a context such as `count=1` (see `language`), is written by hand.
    for message in known:
        if message.context and catalogue.get(message.id):
            catalogue.add(message.id, message.string, context=message.context)
    with PO.open("wb") as file:
        write_po(file, catalogue, include_lineno=False, width=100)
    MO.write_bytes(compiled(stored()))
    lacking = [message.id for message in catalogue if message.id and not message.string]
    print(f"{len(catalogue)} texts, {len(lacking)} without English", *lacking, sep="\n")


if __name__ == "__main__":
    main()
