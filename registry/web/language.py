"""In which language a page speaks: `?lang=`, then the cookie, then what the browser prefers, then the setting's."""

import re
from gettext import NullTranslations

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, get_translations

# Our short names, as commands and the assessment use them, to the locales of dates and numbers.
LOCALES = {"zh": "zh_Hans_CN", "en": "en"}
COOKIE = "lang"
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
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _words().gettext(text), lambda one, many, count: _words().ngettext(one, many, count), newstyle=True
    )


def current() -> str:
    """Return `zh` or `en`, decided once a request."""
    if "language" not in g:
        asked = request.args.get("lang")
        kept = request.cookies.get(COOKIE)
        preferred = (request.accept_languages.best_match(["zh-CN", "zh", "en"]) or "")[:2]
        default = current_app.config["DEFAULT_LANGUAGE"]
        g.language = next(found for found in (asked, kept, preferred, default) if found in LOCALES)
    return str(g.language)


def say(text: str, **values: object) -> str:
    """Return a text, written in Chinese, in the reader's language; `%(name)s` takes a value."""
    said = str(_words().gettext(text))
    return said % values if values else said


def _words() -> NullTranslations:
    """Return the words of the reader's language, looked up once a request: a page says hundreds of them."""
    if "words" not in g:
        g.words = get_translations()
    words: NullTranslations = g.words
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
