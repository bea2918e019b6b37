"""What a machine that watches is told: requests, jobs, mails, the clock, the database. Never anything of a person.

A request is counted under the rule of its address, never under the address itself. Each process counts for itself and
is watched for itself; what stands in the database is the same whichever is asked. Without the setting nobody is told.
"""

import hmac
import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy.exc import SQLAlchemyError

import registry
from registry.store.migrate import newest_version, version_of
from registry.store.queues import Queues, queues
from registry.web import db
from registry.web.access import may
from registry.web.signed_in import settings

blueprint = Blueprint("metrics", __name__)

# Seconds; the last is what a proxy waits before it gives up.
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)
# Whatever else somebody sends is counted as one, or he could make as many counters as he likes.
_METHODS = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"}
_NO_RULE = "(none)"
_PLAIN = "text/plain; charset=utf-8"


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.kept = CollectorRegistry()
        labels = ("method", "route")
        self.requests = Counter(
            "registry_http_requests",
            "Requests answered, by rule of the address",
            (*labels, "status"),
            registry=self.kept,
        )
        self.seconds = Histogram(
            "registry_http_request_seconds", "Time to an answer", labels, buckets=_BUCKETS, registry=self.kept
        )
        self.clock = Gauge(
            "registry_clock_last_tick_timestamp_seconds",
            "When this process last told what was due; 0 before the first time",
            registry=self.kept,
        )
        self.mail = Gauge(
            "registry_mail_last_round_timestamp_seconds",
            "When this process last looked for mails to send; 0 before the first time",
            registry=self.kept,
        )
        build = Gauge("registry_build_info", "The program", ("version", "migration"), registry=self.kept)
        build.labels(registry.__version__, newest_version()).set(1)
        self.kept.register(_Database())
        ProcessCollector(registry=self.kept)

    def ticked(self) -> None:
        """Note that the clock has looked at what is due."""
        self.clock.set_to_current_time()

    def mailed(self) -> None:
        """Note that mails were looked for."""
        self.mail.set_to_current_time()


class _Database:
    """What the database says at the moment it is asked; nothing but that it is silent when it is."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Say nothing beforehand: the library would otherwise ask the database at once."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the state of the database, and of what waits in it."""
        up, found = _asked()
        yield GaugeMetricFamily("registry_database_up", "Whether the database answers and fits the program", value=up)
        if found is None:
            return
        for name, told, counts in (
            ("registry_jobs", "Jobs by state", found.jobs),
            ("registry_letters", "Mails by state", found.letters),
        ):
            family = GaugeMetricFamily(name, told, labels=("state",))
            for state, count in counts.items():
                family.add_metric((state,), count)
            yield family
        yield GaugeMetricFamily(
            "registry_job_oldest_waiting_timestamp_seconds",
            "Since when the job that has waited longest could be done; 0 when none waits",
            value=found.oldest_job.timestamp() if found.oldest_job else 0,
        )
        yield GaugeMetricFamily(
            "registry_letter_oldest_waiting_timestamp_seconds",
            "Since when the mail that has waited longest could be sent; 0 when none waits",
            value=found.oldest_letter.timestamp() if found.oldest_letter else 0,
        )


def _asked() -> tuple[int, Queues | None]:
    try:
        if version_of(db.session.connection()) != newest_version():
            return 0, None
        return 1, queues(db.session())
    except SQLAlchemyError:
        db.session.rollback()
        return 0, None


def init_app(app: Flask) -> None:
    """Count every answer; before `errors`, so that those are counted, too."""
    app.extensions["metrics"] = Metrics()
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.counted_from = time.perf_counter()


def _count(response: Response) -> Response:
    counted: Metrics = current_app.extensions["metrics"]
    method = request.method if request.method in _METHODS else "other"
    route = request.url_rule.rule if request.url_rule is not None else _NO_RULE
    counted.requests.labels(method, route, str(response.status_code)).inc()
    if "counted_from" in g:
        counted.seconds.labels(method, route).observe(time.perf_counter() - g.counted_from)
    return response


@blueprint.get("/metrics")
@may("watch_program")
def metrics() -> Response:
    """Tell the figures to whoever shows the token of the setting; without a setting nobody has it."""
    if not _shows(settings().metrics_token):
        answer = Response(
            "监控令牌不符，或未设置 REGISTRY_METRICS_TOKEN (a token is needed)\n", 401, content_type=_PLAIN
        )
        answer.headers["WWW-Authenticate"] = "Bearer"
    else:
        counted: Metrics = current_app.extensions["metrics"]
        answer = Response(generate_latest(counted.kept), content_type=CONTENT_TYPE_LATEST)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _shows(token: str | None) -> bool:
    kind, _, sent = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and kind.lower() == "bearer" and hmac.compare_digest(sent.strip().encode(), str(token).encode())
