"""Whether the registry lives and can serve: for machines that watch it."""

import structlog
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy.exc import SQLAlchemyError

import registry
from registry.store.migrate import newest_version, version_of
from registry.web import db
from registry.web.access import may
from registry.web.signed_in import settings
from registry.work.look_for_room import disk_lacking

blueprint = Blueprint("health", __name__)
_log = structlog.get_logger(__name__)


@blueprint.get("/healthz")
@may("public")
def healthz() -> Response:
    """Answer while the process lives; the migration is null when the database does not say."""
    return jsonify(status="ok", version=registry.__version__, migration=_migration())


@blueprint.get("/readyz")
@may("public")
def readyz() -> tuple[Response, int]:
    """Answer 200 when requests can be served: the database answers, at the newest migration; the disks have room."""
    migration = _migration()
    if migration is None:
        reason = "the database does not answer"
    elif migration != newest_version():
        reason = "the database is at another migration"
    else:
        reason = disk_lacking(settings().database_url, current_app.extensions["vault"])
    if not reason:
        return jsonify(status="ready", migration=migration), 200
    return jsonify(status="unavailable", reason=reason, migration=migration, needs=newest_version()), 503


def _migration() -> str | None:
    try:
        return version_of(db.session.connection())
    except SQLAlchemyError as error:
        _log.warning("database.unreachable", error=type(error).__name__)
        db.session.rollback()
        return None
