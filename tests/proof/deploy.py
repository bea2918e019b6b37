"""The files of docs/deploy, tried: systemd reads the units, nginx stands before the program that serves.

The program runs with what its unit sets, the ban of pages that are writable and executable included.
"""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from deployed import FOLDER, PROGRAM, UNITS
from sqlalchemy.orm import Session

from registry.store.engine import open_ready
from registry.store.trail import trail_page

ROOT = Path(__file__).parents[2]
NAME = "pygx.example.gov.cn"
TOKEN = "t" * 64
# Forbids this process, and whatever it becomes, pages that are both written and run (Linux 6.3 can); then the program.
_NO_WX = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0);"
    " os.execv(sys.executable, [sys.executable, '-c', 'from registry.cli.main import main; main()', *sys.argv[1:]])"
)


def prove(folder: Path, small: bool) -> str:
    """Try units and proxy; there is one size."""
    units = _units(folder)
    state = folder / "state"
    state.mkdir()
    port, secure, plain = _free_port(), _free_port(), _free_port()
    _certificate(folder)
    with _program(state, port), _proxy(folder, port, secure, plain) as log:
        asked = Asked(folder / "fullchain.pem", secure)
        _cookies(asked)
        _origin(asked, state)
        _sizes(asked)
        _metrics(asked, port)
        _names(asked, plain)
        asked.get("/link/a-secret-of-somebody?and=a-question")
        _log_is_silent(log)
    return (
        f"{units} units read; {asked.count} requests through nginx: cookies, origin, sizes, metrics, names and log hold"
    )


def _units(folder: Path) -> int:
    """Let systemd read every unit, and see that it would have found a mistake."""
    place = folder / "units"
    shutil.copytree(FOLDER, place)
    program = Path(sys.executable).parent / "registry"
    for unit in place.glob("*.service"):
        unit.write_text(unit.read_text("utf-8").replace(PROGRAM, str(program)), "utf-8")
    names = [unit.name.replace("@.", "@1.") for unit in UNITS]
    said = _analyze(place, names)
    assert said.returncode == 0 and not said.stderr, said.stderr
    (place / "registry-clock.service").write_text(
        "[Service]\nExecStart=/nowhere/registry clock\nProtectSistem=strict\n"
    )
    said = _analyze(place, ["registry-clock.service"])
    assert said.returncode != 0 and "ProtectSistem" in said.stderr, said
    return len(names)


def _analyze(place: Path, names: list[str]) -> "subprocess.CompletedProcess[str]":
    found = shutil.which("systemd-analyze")
    assert found, "systemd-analyze is missing: .ci/deploy brings it"
    own = {**os.environ, "SYSTEMD_UNIT_PATH": f"{place}:/lib/systemd/system"}
    command = [found, "verify", "--man=no", "--recursive-errors=yes", *names]
    return subprocess.run(command, env=own, capture_output=True, text=True)


class Asked:
    """Somebody who asks the proxy, over TLS and under its name."""

    def __init__(self, authority: Path, port: int) -> None:
        self.port, self.count = port, 0
        self.context = ssl.create_default_context(cafile=str(authority))

    def get(
        self, path: str, *, source: str = "127.0.0.1", method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Ask and return status, text and headers."""
        self.count += 1
        raw = socket.create_connection(("127.0.0.1", self.port), 30, source_address=(source, 0))
        asking = http.client.HTTPConnection(NAME, self.port)
        asking.sock = self.context.wrap_socket(raw, server_hostname=NAME)
        try:
            told = {"Host": NAME, **{name.replace("_", "-"): value for name, value in headers.items()}}
            # It may say no before it has read all.
            with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
                asking.request(method, path, body or None, told)
            answer = asking.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
        finally:
            asking.close()


def _cookies(asked: Asked) -> None:
    status, page, headers = asked.get("/sign-in")
    (cookie,) = headers.get_all("Set-Cookie") or [""]
    assert status == 200 and cookie.startswith("__Host-registry="), cookie
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")), cookie
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    for once in ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert len(headers.get_all(once) or []) == 1, once
    assert headers["Server"] == "nginx", headers["Server"]
    sheet = re.search(r'href="(/static/[^"]+\.css)"', page)
    assert sheet, page
    status, _text, headers = asked.get(sheet[1], Accept_Encoding="gzip")
    assert status == 200 and headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in asked.get("/tiers", Accept_Encoding="gzip")[2]


def _origin(asked: Asked, state: Path) -> None:
    """Fail to sign in from two addresses of this machine, claiming a third."""
    for source in ("127.0.0.2", "127.0.0.3"):
        _status, page, headers = asked.get("/sign-in", source=source)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        form = f"csrf_token={token[1]}&email=nobody%40city.example&password=wrong".encode()
        status, page, _headers = asked.get(
            "/sign-in",
            source=source,
            method="POST",
            body=form,
            Cookie=str(headers["Set-Cookie"]).partition(";")[0],
            Content_Type="application/x-www-form-urlencoded",
            Referer=f"https://{NAME}/sign-in",
            X_Forwarded_For="203.0.113.7",
            Forwarded="for=203.0.113.7",
        )
        assert status == 422, (status, page[:300])
    engine = open_ready(f"sqlite:///{state / 'registry.sqlite'}")
    with Session(engine) as session:
        traced = [one.address for one in reversed(trail_page(session)) if one.tag == "session.refused"]
    engine.dispose()
    assert traced == ["127.0.0.2", "127.0.0.3"], traced


def _sizes(asked: Asked) -> None:
    form = {"method": "POST", "Content_Type": "application/x-www-form-urlencoded"}
    for size, ours in ((2**20, True), (31 * 2**20, True), (33 * 2**20, False)):
        status, page, _headers = asked.get("/check", body=b"a=" + b"b" * size, **form)  # type: ignore[arg-type]
        assert status == 413, (size, status)
        # What the proxy lets through is refused by the program, with a page that says what to do.
        assert ("提交的内容过大" in page) is ours, (size, page[:200])


def _metrics(asked: Asked, port: int) -> None:
    shown = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/metrics", "//metrics", "/metrics?x=1", "/%6detrics", "/./metrics"):
        status, page, _headers = asked.get(path, **shown)
        assert status in (404, 308, 301) and "registry_" not in page, (path, status)
    found = []
    for headers in ({}, shown):
        direct = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        direct.request("GET", "/metrics", headers=headers)
        answer = direct.getresponse()
        found.append((answer.status, b"registry_database_up 1" in answer.read()))
        direct.close()
    assert found == [(401, False), (200, True)], found


def _names(asked: Asked, plain: int) -> None:
    """The plain port only leads to the name; whoever wants another name is not answered at all."""
    direct = http.client.HTTPConnection("127.0.0.1", plain, timeout=30)
    direct.request("GET", "/tiers?x=1", headers={"Host": "evil.example"})
    answer = direct.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/tiers?x=1")
    direct.close()
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", asked.port), 30) as raw:
        try:
            careless.wrap_socket(raw, server_hostname="evil.example")
        except ssl.SSLError:
            return
    raise AssertionError("another name was answered")


def _log_is_silent(log: Path) -> None:
    said = log.read_text("utf-8")
    assert " /link/- " in said and " /sign-in " in said, said[-500:]
    assert "secret" not in said and "question" not in said and "?" not in said, said[-500:]


@contextmanager
def _program(state: Path, port: int) -> Iterator[None]:
    """Serve with the settings of the file for operators."""
    text = (FOLDER / "registry.env").read_text("utf-8").replace("/var/lib/registry", str(state))
    stated = dict(re.findall(r"^(REGISTRY_\w+)=(.+)$", text, re.MULTILINE))
    stated |= {"REGISTRY_SECRET_KEY": "s" * 64, "REGISTRY_METRICS_TOKEN": TOKEN, "REGISTRY_PORT": str(port)}
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "POLARS_SKIP_CPU_CHECK": "1", **stated}
    command = [sys.executable, "-c", _NO_WX, "serve"]
    with (
        (state / "log").open("w") as said,
        subprocess.Popen(command, cwd=state, env=own, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert str(port) in line, (line, (state / "log").read_text())
            yield
        finally:
            process.terminate()
            rest = process.stdout.read()
    assert process.returncode == 0 and "stopped" in rest, (process.returncode, rest)
    assert "Traceback" not in (state / "log").read_text()


@contextmanager
def _proxy(folder: Path, port: int, secure: int, plain: int) -> Iterator[Path]:
    """Start nginx with the file as it stands, but for its ports and folders; give its log."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or str(ROOT / ".venv/nginx/usr/sbin/nginx")
    text = (FOLDER / "nginx.conf").read_text("utf-8")
    text = re.sub(r"^\s+listen \[::\].*\n", "", text, flags=re.MULTILINE)
    for old, new in (
        ("listen 443", f"listen 127.0.0.1:{secure}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("server 127.0.0.1:8000", f"server 127.0.0.1:{port}"),
        ("/etc/ssl/registry", str(folder)),
        ("/var/log/nginx", str(folder)),
    ):
        assert old in text, old
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text, "utf-8")
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"worker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\ndaemon off;\nevents {{}}\n"
    # Root's helper is another user, who may not enter our folder.
    main = ("user root;\n" if os.geteuid() == 0 else "") + main
    (folder / "nginx.conf").write_text(
        f"{main}http {{\naccess_log off;\n{places}include {folder}/site.conf;\n}}\n", "utf-8"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert tried.returncode == 0 and "warn" not in tried.stderr, tried.stderr
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            _wait(secure)
            yield folder / "registry.log"
        finally:
            process.terminate()


def _certificate(folder: Path) -> None:
    """Make a key and a certificate of the name, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx does not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
