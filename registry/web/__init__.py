"""Floor 5: Flask. A view says who may, parses, makes one call below and renders; no select, rule or date arithmetic."""

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Engine

from registry.store.base import Base
from registry.store.engine import open_engine


class _Database(SQLAlchemy):
    """Gives each request its session. The models are plain SQLAlchemy, the engine is the store's own."""

    def _apply_driver_defaults(self, options: dict[str, Any], app: Flask) -> None:
        """Leave the URL alone: it means to the pages what it means to the commands."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        return open_engine(options["url"])


db = _Database(model_class=Base, disable_autonaming=True)
csrf = CSRFProtect()
