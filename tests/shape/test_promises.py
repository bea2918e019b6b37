"""What the documents promise is there."""

from pathlib import Path

from registry.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]


def test_every_command_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert [name for name in COMMANDS if f"registry {name}" not in readme] == []


def test_every_local_link_of_the_readme_leads_somewhere() -> None:
    import re

    readme = (ROOT / "README.md").read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in link]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_module_has_outgrown_its_room() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for part in ("registry", "tests")
        for path in (ROOT / part).rglob("*.py")
    }

    assert any(path.startswith("tests/") for path in lengths)
    assert {path: count for path, count in lengths.items() if count > 350} == {}
