"""Files that must never be taken, and files that must: each through the very process that examines uploads."""

import time
from pathlib import Path

import pytest
from evidence_files import HONEST
from hostile_files import HOSTILE

from registry.evidence.examination import examine
from registry.evidence.kinds import Unfit
from registry.evidence.names import read_name


def judged(name: str, content: bytes, folder: Path) -> str:
    """Return why a file is not taken; empty when it is."""
    place = folder / "file"
    place.write_bytes(content)
    try:
        examine(read_name(name)[1], place)
    except Unfit as unfit:
        return str(unfit)
    return ""


def test_there_are_enough_of_each() -> None:
    assert len(HOSTILE) >= 60
    assert len(HONEST) >= 15


@pytest.mark.parametrize("what", HONEST)
def test_an_honest_file_is_taken(what: str, tmp_path: Path) -> None:
    name, content = HONEST[what]

    assert judged(name, content, tmp_path) == ""


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_words_and_in_time(what: str, tmp_path: Path) -> None:
    name, content = HOSTILE[what]()
    began = time.perf_counter()
    said = judged(name, content, tmp_path)

    assert time.perf_counter() - began < 10
    assert said, "taken"
    assert "Traceback" not in said and said.endswith(")") and " (" in said
    assert [one.name for one in tmp_path.iterdir()] == ["file"]
