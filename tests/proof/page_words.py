"""No message is missing in English: what pages look up is listened to, and English pages say no Chinese message."""

from collections.abc import Iterator
from contextlib import contextmanager
from gettext import NullTranslations
from typing import Any

from registry.web import catalogue, language


class _Listening:
    """Passes on what is looked up, and notes what is not there."""

    def __init__(self, words: NullTranslations, missing: set[str]) -> None:
        self._words, self._missing = words, missing

    def gettext(self, text: str) -> str:
        self._note(text, text)
        return self._words.gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        self._note(one, (one, 0))
        return self._words.ngettext(one, many, count)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._words, name)

    def _note(self, text: str, key: object) -> None:
        if language.current() == "en" and text and key not in getattr(self._words, "_catalog", {}):
            self._missing.add(text)


@contextmanager
def listened() -> Iterator[set[str]]:
    """Note every message that an English page looks up in vain, of whatever is served in this process."""
    missing: set[str] = set()
    looked_up = language.get_translations

    def listening() -> Any:
        return _Listening(looked_up(), missing)

    language.get_translations = listening
    try:
        yield missing
    finally:
        language.get_translations = looked_up


def chinese_on(text: str, data: set[str]) -> list[str]:
    """Return the lines of an English page that are a message of the program in Chinese.

    Args:
        text: what the page says.
        data: lines that are data and happen to be messages too.
    """
    messages = {str(one.id if isinstance(one.id, str) else one.id[0]) for one in catalogue.stored() if one.id}
    lines = {line.strip() for line in text.splitlines()}
    return sorted((lines & messages) - data)
