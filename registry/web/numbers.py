"""Numbers in addresses: as large as a row's number can be and no larger, so that none overflows in a database."""

from flask import Flask
from werkzeug.routing import IntegerConverter


class _RowNumber(IntegerConverter):
    """A whole number of at most eighteen digits."""

    regex = r"[0-9]{1,18}"


def init_app(app: Flask) -> None:
    """Bound every `<int:…>`; to be called before the first route."""
    app.url_map.converters["int"] = _RowNumber
