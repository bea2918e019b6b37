"""What is believed of a proxy in front, and of an issuer: only what the settings name."""

import signal
from pathlib import Path
from urllib.request import urlopen

import pytest
from served import Visitor, serving
from sqlalchemy.orm import Session

from registry.config import load_settings
from registry.domain.errors import Refused
from registry.store.engine import open_ready
from registry.store.trail import trail_page


def addresses(place: Path) -> list[str]:
    """Return where the refused sign-ins in the trail came from."""
    engine = open_ready(f"sqlite:///{place / 'served.sqlite'}")
    with Session(engine) as session:
        found = [one.address for one in reversed(trail_page(session)) if one.tag == "session.refused"]
    engine.dispose()
    return found


# What a visitor, or the proxy in front of him, says of where he comes from, and what is believed of it.
STATED = {
    "": [("203.0.113.7", "127.0.0.1")],
    "10.9.9.9": [("203.0.113.7", "127.0.0.1")],
    "127.0.0.1": [
        ("203.0.113.7", "203.0.113.7"),
        # What the visitor himself put in front of the proxy's word is not believed.
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("", "127.0.0.1"),
    ],
}


@pytest.mark.parametrize("proxy", STATED, ids=["no proxy", "another proxy", "the proxy"])
def test_only_the_proxy_of_the_setting_is_believed(tmp_path: Path, proxy: str) -> None:
    encrypted = {
        "X-Forwarded-Proto": "https",
        "Forwarded": "for=198.51.100.9;proto=https",
        "X-Forwarded-Host": "evil.example",
    }
    with serving(tmp_path, REGISTRY_TRUSTED_PROXY=proxy) as (_process, address):
        for stated, _traced in STATED[proxy]:
            assert Visitor(address, **({"X-Forwarded-For": stated} if stated else {})).fail_to_sign_in() == 422
        status, page, headers = Visitor(address, **encrypted).ask("/sign-in")

    assert addresses(tmp_path) == [traced for _stated, traced in STATED[proxy]]
    assert status == 200
    assert ("Strict-Transport-Security" in headers) is (proxy == "127.0.0.1")
    assert "evil.example" not in page


@pytest.mark.parametrize("name", ["*", "nginx", "localhost", "10.0.0.0/8", "010.0.0.1", "127.0.0.1,10.0.0.1", "::0001"])
def test_a_proxy_that_is_no_one_address_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A star would believe everybody, and a name never matches."""
    monkeypatch.setenv("REGISTRY_TRUSTED_PROXY", name)

    with pytest.raises(Refused, match="REGISTRY_TRUSTED_PROXY"):
        load_settings()


@pytest.mark.parametrize(
    "issuer", ["http://id.example", "http://127.0.0.1.evil.example", "http://127.0.0.1@evil.example", "id"]
)
def test_an_issuer_that_is_not_reached_encrypted_is_refused(monkeypatch: pytest.MonkeyPatch, issuer: str) -> None:
    monkeypatch.setenv("REGISTRY_OIDC_ISSUER", issuer)
    monkeypatch.setenv("REGISTRY_OIDC_CLIENT_ID", "registry")

    with pytest.raises(Refused, match="REGISTRY_OIDC_ISSUER"):
        load_settings()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_when_asked_says_so_and_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with serving(tmp_path) as (process, address):
        with urlopen(f"{address}/healthz", timeout=30) as answer:  # noqa: S310
            answer.read()
        process.send_signal(how)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "服务已停止 · stopped" in out
    assert "Traceback" not in out + err
    # The queue of writers stays, empty.
    kept = ["field-keys", "files", "secret-key", "served.sqlite", "served.sqlite-queue"]
    assert sorted(one.name for one in tmp_path.iterdir()) == kept
    assert (tmp_path / "served.sqlite-queue").stat().st_size == 0
