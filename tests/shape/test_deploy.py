"""The files for operators say what the program has: its commands, settings, addresses, limits and folders."""

import re
from pathlib import Path

import click
import pytest
from deployed import COMMON, FOLDER, PROGRAM, UNITS, directives, settings_named, started

from registry.cli.main import COMMANDS, program
from registry.cli.serving import _LARGEST_BODY
from registry.config import KNOWN, load_settings
from registry.evidence.kinds import LARGEST_UPLOAD
from registry.web.permission_table import document_app

ROOT = Path(__file__).parents[2]
NGINX = (FOLDER / "nginx.conf").read_text("utf-8")
GUIDES = sorted([*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])
# What keeps a unit from doing harm; every one is in the part that all units share.
HARDENED = {
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "MemoryDenyWriteExecute": "yes",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "SystemCallArchitectures": "native",
    "User": "registry",
}


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Return the command that words call, and what is left of them; LookupError where the program has none."""
    found: click.Command = program
    context = click.Context(program)
    while isinstance(found, click.Group):
        if not words or words[0].startswith("-"):
            return found, words
        inner = found.get_command(context, words[0])
        if inner is None:
            raise LookupError(f"registry has no {words[0]!r}")
        found, words = inner, words[1:]
    return found, words


def strange(words: list[str]) -> list[str]:
    """Return the options among the words of a command that it does not have."""
    command, rest = command_of(words)
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
    return [word for word in rest if word.startswith("--") and word.partition("=")[0] not in known]


def calls(text: str) -> list[str]:
    """Return every call of the program that a guide shows, in a block or within a line."""
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]+)`", text)
    found = (
        re.match(r"(?:sudo |[A-Z_]+=\S+ |\$ |\.venv/bin/)*registry (?!\|)([^#|]*)", line.strip()) for line in lines
    )
    return [one[1] for one in found if one]


@pytest.mark.parametrize("unit", [one for one in UNITS if one.suffix == ".service"], ids=lambda one: one.name)
def test_a_unit_starts_commands_that_there_are(unit: Path) -> None:
    assert started(unit)
    for words in started(unit):
        assert strange(words) == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda one: one.name)
def test_a_guide_shows_commands_and_settings_that_there_are(guide: Path) -> None:
    text = guide.read_text("utf-8")
    for call in calls(text):
        # What is only hinted at is for the reader to fill in; `a|b` and `a · b` name several at once.
        words = call.replace("…", "x").split()
        if words and words[0] != "x" and "·" not in words:
            assert words[0] in COMMANDS, call
            assert strange([words[0], *(word.partition("|")[0] for word in words[1:])]) == [], call
    assert settings_named(text) - set(KNOWN) == set()


def test_the_guides_show_commands_at_all() -> None:
    assert sum(len(calls(guide.read_text("utf-8"))) for guide in GUIDES) > 60


def test_every_command_in_a_guide_that_is_wrong_would_be_found() -> None:
    assert strange(["backup", "make", "x", "--loud"]) == ["--loud"]
    with pytest.raises(LookupError):
        strange(["backup", "burn"])


def test_every_unit_is_hardened_by_the_part_they_share() -> None:
    told = directives(COMMON)

    assert {name: told[f"Service.{name}"][0] for name in HARDENED} == HARDENED
    for unit in UNITS:
        if unit.suffix == ".service":
            # The name decides that systemd adds that part, and none of it is taken back.
            assert unit.name.startswith("registry-")
            kept = {name.partition(".")[2] for name in directives(unit)}
            assert not kept & (HARDENED.keys() | {"SystemCallFilter", "EnvironmentFile"})


def test_every_timer_has_its_service_and_the_other_way_round() -> None:
    timers = {one.stem for one in UNITS if one.suffix == ".timer"}
    once = {one.stem for one in UNITS if directives(one).get("Service.Type") == ["oneshot"]}

    assert timers == once == {"registry-backup", "registry-checkpoint", "registry-clock"}


def test_the_folders_of_the_units_and_of_the_settings_are_the_same() -> None:
    told = directives(COMMON)
    state = f"/var/lib/{told['Service.StateDirectory'][0]}"
    settings = (FOLDER / "registry.env").read_text("utf-8")

    assert told["Service.WorkingDirectory"] == [state]
    assert f"REGISTRY_DATABASE_URL=sqlite:///{state}/registry.sqlite\n" in settings
    assert f"REGISTRY_FILES={state}/files\n" in settings
    assert told["Service.EnvironmentFile"] == ["/etc/registry/registry.env"]
    for unit in UNITS:
        (writable,) = directives(unit).get("Service.ReadWritePaths") or [""]
        for words in started(unit):
            for word in words:
                if word.startswith("/"):
                    assert writable and word.startswith(writable), unit.name


def test_the_settings_file_is_one_that_the_program_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (FOLDER / "registry.env").read_text("utf-8")
    stated = dict(re.findall(r"^(REGISTRY_\w+)=(.*)$", text, re.MULTILINE))
    # What each operator makes up himself is left empty, so that nobody runs with ours.
    empty = {name for name, value in stated.items() if not value}
    assert empty == {"REGISTRY_SECRET_KEY", "REGISTRY_METRICS_TOKEN", "REGISTRY_MAIL_URL"}
    for name in empty - {"REGISTRY_MAIL_URL"}:
        stated[name] = "0" * 64
    for name, value in stated.items():
        monkeypatch.setenv(name, value)
    found = load_settings()

    assert found.public_url.startswith("https://")
    assert found.trusted_proxy == "127.0.0.1"
    assert settings_named(text) <= set(KNOWN)


def test_nginx_takes_as_much_as_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    (most,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)

    assert int(most) * 2**20 == _LARGEST_BODY > LARGEST_UPLOAD


def test_nginx_asks_where_the_unit_listens_and_says_what_the_program_believes() -> None:
    unit = (FOLDER / "registry-serve@.service").read_text("utf-8")
    (port,) = set(re.findall(r"^\s+server 127\.0\.0\.1:(\d+);", NGINX, re.MULTILINE))

    assert f"registry-serve@{port}" in unit and "REGISTRY_HOST=127.0.0.1" in unit
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_set_header X-Forwarded-Proto https;" in NGINX
    # Its public name is that of the settings.
    (name,) = set(re.findall(r"server_name (\S+);", NGINX))
    assert f"REGISTRY_PUBLIC_URL=https://{name}\n" in (FOLDER / "registry.env").read_text("utf-8")


def test_nginx_closes_the_metrics_and_logs_no_secret_of_an_address() -> None:
    rules = [rule for rule in document_app().url_map.iter_rules() if rule.endpoint]
    assert any(rule.rule == "/metrics" for rule in rules)
    assert re.search(r"location = /metrics \{\s+return 404;", NGINX)
    (rooms,) = re.findall(r"\(\?<registry_room>([a-z|]+)\)", NGINX)
    secret = {rule.rule.split("/")[1] for rule in rules if {"token", "code"} & rule.arguments}

    # A certificate's number stands on paper for everybody.
    assert secret - {"verify", "api"} == set(rooms.split("|"))
    (form,) = re.findall(r"log_format registry (.*?);", NGINX, re.DOTALL)
    assert not re.search(r"\$(request|request_uri|uri|args|http_referer|http_cookie)\b", form)


def test_the_program_lies_where_all_the_files_say() -> None:
    for file in FOLDER.rglob("*"):
        if file.is_file():
            for place in re.findall(r"/opt/registry\S*", file.read_text("utf-8")):
                assert place == PROGRAM, file.name
