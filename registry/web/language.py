"""In which language a page speaks: `?lang=`, then the cookie, then what the browser prefers, then the setting's."""

import re
from collections.abc import Mapping
from functools import lru_cache
from gettext import NullTranslations

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, get_translations
from markupsafe import Markup

# Our short names, as commands and the assessment use them, to the locales of dates and numbers.
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
COOKIE = "lang"
# English tells one thing from more of them; values come as numbers and as they are written.
_ONE = (1, "1")
_ONE_YEAR = 365 * 24 * 3600

# Messages of the lower floors carry both languages: 中文 (english).
_BOTH = re.compile(r"(?s)(.*\S)\s*\(([ -~–—‘’“”…]+)\)")

babel = Babel()


def init_app(app: Flask) -> None:
    """Let Babel ask us for the language, and remember a choice."""
    app.config["BABEL_DEFAULT_LOCALE"] = LOCALES[app.config["DEFAULT_LANGUAGE"]]
    # Relative to the package, so that no character of the checkout's own path can matter.
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "web/translations"
    babel.init_app(app, locale_selector=lambda: LOCALES[current()])
    app.after_request(_remember)
    app.jinja_env.globals.update(current_language=current, in_language=of_both)
    # Not the extension's own: it goes through the template's context twice for each of the hundreds of words of a page.
    app.jinja_env.globals["_"] = _say_on_page


def current() -> str:
    """Return `zh` or `en`, decided once a request."""
    try:
        language: str = g.language
    except AttributeError:
        language = g.language = _chosen()
    return language


def _chosen() -> str:
    asked = request.args.get("lang")
    kept = request.cookies.get(COOKIE)
    preferred = (request.accept_languages.best_match(["zh-CN", "zh", "en"]) or "")[:2]
    default = current_app.config["DEFAULT_LANGUAGE"]
    return next(found for found in (asked, kept, preferred, default) if found in LOCALES)


def say(text: str, **values: object) -> str:
    """Return a text, written in Chinese, in the reader's language; `%(name)s` takes a value."""
    if values:
        return _said(_words(), text, _ones(values)) % values
    return str(_words().gettext(text))


def _say_on_page(text: str, /, **values: object) -> Markup:
    """Return a text for a template, as `say`: the text itself is ours, what is put into it is escaped."""
    said = _marked(_words(), text, _ones(values))
    # A sign of percent is written twice, also where no value is put in.
    return said % values if values or "%" in said else said


@lru_cache(maxsize=4096)
def _marked(words: NullTranslations, text: str, ones: tuple[str, ...]) -> Markup:
    return Markup(_said(words, text, ones))  # noqa: S704 - our own texts and translations


def _ones(values: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of the values that are one."""
    return tuple(name for name, value in values.items() if value in _ONE) if values else ()


def _said(words: NullTranslations, text: str, ones: tuple[str, ...]) -> str:
    """Return a text as the catalogue has it; where a value is one, as it stands there under `name=1`, if it does."""
    for name in ones:
        found = words.pgettext(f"{name}=1", text)
        if found != text:
            return str(found)
    return str(words.gettext(text))


def _words() -> NullTranslations:
    """Return the words of the reader's language, looked up once a request: a page says hundreds of them."""
    try:
        words: NullTranslations = g.words
    except AttributeError:
        words = g.words = get_translations()
    return words


def of_both(message: str) -> str:
    """Return the half of a bilingual message, 中文 (english), that the reader understands."""
    found = _BOTH.fullmatch(message)
    if not found:
        return message
    chinese, english = found.groups()
    return english[:1].upper() + english[1:] if current() == "en" else chinese


def _remember(response: Response) -> Response:
    if request.args.get("lang") in LOCALES:
        response.set_cookie(
            COOKIE, current(), max_age=_ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return response
