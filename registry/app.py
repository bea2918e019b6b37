"""The factory: the one place where all floors meet."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask

import registry
from registry.config import Settings, load_settings, signing_key
from registry.policy import Options
from registry.web import (
    access,
    account,
    addresses,
    announcements,
    api,
    applications,
    asking,
    assets,
    book_words,
    books,
    bulk,
    bureau,
    cases,
    certificates,
    claims,
    csrf,
    db,
    deeds,
    desk_cases,
    errors,
    evidence,
    factors,
    figures_book,
    filings,
    firm_home,
    firm_people,
    headers,
    health,
    home,
    imports_desk,
    inquiries,
    jobs,
    joining,
    journal,
    labels,
    links,
    menu,
    metrics,
    notices,
    numbers,
    objections,
    offices,
    oidc,
    open_data,
    outcomes,
    pace,
    papers,
    papers_desk,
    passkeys,
    people,
    profile,
    public,
    public_lists,
    public_report,
    publications,
    publicities,
    register,
    revocations,
    samples,
    screenings,
    security,
    self_assessments,
    sign_in,
    signed_in,
    target_pages,
    tiers,
    ties,
    tokens,
    trail,
    uploads,
    verify,
    watching,
    windows,
)
from registry.web import language as languages

ROOMS = (
    *(health, metrics, public, sign_in, links, passkeys, account, factors, home, joining, claims, firm_people),
    *(people, offices, ties, tokens, trail),
    *(bureau, books, target_pages, evidence, watching, publications),
    *(desk_cases, bulk, cases),
    *(jobs, screenings, imports_desk),
    *(inquiries, samples, windows),
    *(outcomes, revocations),
    *(publicities, objections, public_lists),
    *(announcements, certificates, verify, register, tiers, open_data),
    *(firm_home, profile, figures_book, self_assessments),
    *(applications, filings),
    *(notices, papers, papers_desk, public_report),
)
# A form of the self-check holds some 150 short fields; only the form that takes files is larger (`web/uploads`).
LARGEST_REQUEST = 256 * 1024


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] | None = None) -> Flask:
    """Build the application; connects to nothing yet.

    Args:
        settings: those of the environment unless given.
        clock: gives the present moment in the zone of the office; the real one unless given.

    Raises:
        Refused: a setting that cannot be used.
    """
    settings = settings or load_settings()
    zone = settings.zone
    is_secure = settings.public_url.startswith("https://")
    app = Flask("registry", static_folder=None, template_folder=str(template_folder()))
    app.config.update(
        SECRET_KEY=signing_key(settings),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        # A browser takes a name with this beginning only from the host itself and over an encrypted way.
        SESSION_COOKIE_NAME="__Host-registry" if is_secure else "registry",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SETTINGS=settings,
        WTF_CSRF_TIME_LIMIT=None,
        DEFAULT_LANGUAGE=settings.language,
        POLICY_OPTIONS=Options(settings.local_table, settings.higher_title_counts),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["version"] = registry.__version__
    numbers.init_app(app)
    # The order of hooks: a request is named first, then admitted, and its answer dressed last – but for a file that is
    # handed out, which is shut in after that.
    uploads.init_app(app, settings)
    journal.init_app(app)
    metrics.init_app(app)
    headers.init_app(app)
    languages.init_app(app)
    errors.init_app(app)
    labels.init_app(app)
    addresses.init_app(app)
    book_words.init_app(app)
    assets.init_app(app)
    asking.init_app(app, (lambda: clock().astimezone(zone)) if clock else (lambda: datetime.now(zone)))
    db.init_app(app)
    deeds.init_app(app)
    pace.init_app(app, settings)
    signed_in.init_app(app)
    access.init_app(app)
    csrf.init_app(app)
    security.init_app(app, settings)
    menu.init_app(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    api.init_app(app, settings)
    if settings.oidc_issuer:
        oidc.init_app(app, settings)
    return app


def template_folder() -> Path:
    """Return the folder of the templates: inside the package of a wheel, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
