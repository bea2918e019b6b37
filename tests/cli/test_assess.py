"""`registry assess` as other programs call it: what is printed, where, and with which exit status."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CODE = "91370200264574251E"
FIRM: dict[str, Any] = {
    "uscc": CODE,
    "name": "青岛示例轴承有限公司",
    "facts": {
        "district": "370285",
        "industry": "3451",
        "segment_since": "2013-01-01",
        "titles": [{"kind": "innovative", "from": "2023-03-20", "until": "2026-03-19"}],
        "ip_class1": 3,
        "ip_class1_own": 2,
    },
    "years": {
        "2023": {"revenue": 30937500, "rd_expense": 990000, "main_revenue": 29000000},
        "2022": {"revenue": 54000000},
    },
}
OPTIONS = ("--tier", "specialized", "--kind", "new", "--on", "2024-05-10")
CASE = {"tier": "specialized", "kind": "new", "on": "2024-05-10", "firm": FIRM}


def registry(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a process of its own and see that no traceback reaches anyone."""
    done = subprocess.run(
        [sys.executable, "-c", "from registry.cli.main import main; main()", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Traceback" not in done.stderr + done.stdout, done.stderr.decode()
    return done


def write(folder: Path, content: Any, name: str = "firm.json") -> str:
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    (folder / name).write_bytes(data)
    return name


def refused(folder: Path, content: Any, *options: str) -> list[str]:
    """Return the lines on standard error of a single file that is refused."""
    done = registry("assess", write(folder, content), *(options or OPTIONS), folder=folder)
    assert done.returncode == 2, done.stdout.decode()
    assert done.stdout == b""
    return done.stderr.decode("utf-8").splitlines()


# One firm


def test_one_firm_is_answered_by_one_document_of_the_contract(tmp_path: Path) -> None:
    done = registry("assess", write(tmp_path, FIRM), *OPTIONS, folder=tmp_path)

    assert done.returncode == 0
    assert done.stderr == b""
    answer = json.loads(done.stdout)
    assert (answer["tier"], answer["kind"], answer["on"]) == ("specialized", "new", "2024-05-10")
    assert answer["rule_set"]["id"] == "specialized-2022"
    assert answer["rule_set"]["document"] == "工信部企业〔2022〕63号 附件2"
    assert answer["rule_set"]["digest"].startswith("sha256:")
    assert answer["verdict"] == "not_met"
    assert answer["score"]["max"] == 100
    assert answer["warnings"] == []
    one = next(one for one in answer["criteria"] if one["key"] == "rd_expense_and_share")
    assert one["verdict"] == "not_met"
    assert "99.00 万元" in one["value"]
    assert "还差 1.00 万元" in one["shortfall"]


def test_an_undetermined_firm_and_one_that_fails_both_end_with_nought(tmp_path: Path) -> None:
    done = registry("assess", write(tmp_path, {"uscc": CODE, "name": "甲"}), *OPTIONS, folder=tmp_path)

    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"] == "undetermined"


def test_contradictions_are_warned_of_and_change_no_verdict(tmp_path: Path) -> None:
    firm = FIRM | {"facts": FIRM["facts"] | {"ip_class1_own": 9}}
    done = registry("assess", write(tmp_path, firm), *OPTIONS, folder=tmp_path)
    answer = json.loads(done.stdout)

    assert done.returncode == 0
    assert len(answer["warnings"]) == 1
    assert answer["warnings"][0].startswith("facts.ip_class1_own: ")


@pytest.mark.parametrize("kind", ["new", "re_review"])
def test_above_scale_takes_both_kinds_alike_and_has_no_score(tmp_path: Path, kind: str) -> None:
    options = ("--tier", "above_scale", "--kind", kind, "--on", "2024-05-10")
    answer = json.loads(registry("assess", write(tmp_path, FIRM), *options, folder=tmp_path).stdout)

    assert (answer["rule_set"]["id"], answer["score"]) == ("above_scale-2011", None)


def test_a_byte_order_mark_is_tolerated_and_the_output_is_utf8_in_any_locale(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + json.dumps(FIRM, ensure_ascii=False).encode()
    done = registry(
        "assess",
        write(tmp_path, content),
        *OPTIONS,
        folder=tmp_path,
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONIOENCODING="ascii",
    )

    assert done.returncode == 0
    assert "青岛" not in done.stderr.decode()
    assert "专业化" in done.stdout.decode("utf-8")


def test_each_fault_has_one_line_with_its_path(tmp_path: Path) -> None:
    firm = FIRM | {
        "facts": {"own_brand": "yes", "surprise": 1, "awards": [{"rank": 0}]},
        "years": {"2023": {"revenue": -1, "employees": 3.0}, "23": {}},
    }
    lines = refused(tmp_path, firm)

    assert [line.split(": ")[0] for line in lines] == [
        "facts.surprise",
        "facts.own_brand",
        "facts.awards[0].rank",
        "years.2023.revenue",
        "years.2023.employees",
        "years.23",
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not JSON"),
        (b"\n\n", "not JSON"),
        (b"{", "not JSON"),
        (b"null", "an object expected"),
        (b"[]", "an object expected"),
        (b"NaN", "an object expected"),
        (b"\x00" * 100, "not JSON"),
        ("{}青岛".encode("gb18030"), "not UTF-8"),
        (b"PK\x03\x04 not a list of firms \xff", "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"facts":' * 100_000, "nested too deeply"),
        (b'{"uscc": "x", "uscc": "x"}', "duplicate key"),
        (b'{"years": {"2023": {"revenue": ' + b"9" * 10_000 + b"}}}", "number too long"),
    ],
)
def test_what_is_not_a_firm_is_refused_with_two(tmp_path: Path, content: bytes, word: str) -> None:
    lines = refused(tmp_path, content)

    assert word in lines[0]


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "1e999999999", "-1e999999999", "1e15", "0.001"]
)
def test_numbers_beyond_reason_are_refused_at_their_path(tmp_path: Path, number: str) -> None:
    content = f'{{"uscc": "{CODE}", "name": "甲", "years": {{"2023": {{"net_profit": {number}}}}}}}'.encode()

    assert [line.split(": ")[0] for line in refused(tmp_path, content)] == ["years.2023.net_profit"]


def test_ten_megabytes_of_json_are_refused_at_once(tmp_path: Path) -> None:
    content = b'{"facts": {"functional_area": "' + b"x" * 10_000_000 + b'"}}'
    started = time.monotonic()
    lines = refused(tmp_path, content)

    assert "too large" in lines[0]
    assert len(lines[0]) < 500
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("tier", "day", "first"),
    [
        ("innovative", "2022-07-31", "2022-08-01"),
        ("specialized", "2011-01-01", "2022-08-01"),
        ("little_giant", "2022-07-31", "2022-08-01"),
        ("above_scale", "2010-12-31", "2011-01-01"),
    ],
)
def test_a_day_before_the_first_rule_set_is_refused_at_on(tmp_path: Path, tier: str, day: str, first: str) -> None:
    lines = refused(tmp_path, FIRM, "--tier", tier, "--kind", "new", "--on", day)

    assert len(lines) == 1
    assert lines[0].startswith(f"on: {day} ")
    assert first in lines[0]


@pytest.mark.parametrize(
    "options",
    [
        (),
        OPTIONS[:4],
        OPTIONS[2:],
        ("--tier", "emperor", *OPTIONS[2:]),
        ("--tier", "specialized", "--kind", "old", "--on", "2024-05-10"),
        (*OPTIONS[:4], "--on", "2024-02-30"),
        (*OPTIONS[:4], "--on", "10.05.2024"),
        (*OPTIONS[:4], "--on", ""),
        (*OPTIONS, "--surprise"),
    ],
)
def test_options_missing_or_wrong_end_with_two_and_say_so(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = registry("assess", write(tmp_path, FIRM), *options, folder=tmp_path)

    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr


def test_a_file_that_is_not_there_or_a_folder_ends_with_two(tmp_path: Path) -> None:
    for name in ("nowhere.json", ".", "nowhere.jsonl"):
        assert registry("assess", name, *OPTIONS, folder=tmp_path).returncode == 2


# Many cases


def answers(folder: Path, *lines: Any, name: str = "cases.jsonl") -> list[dict[str, Any]]:
    content = b"\n".join(
        one if isinstance(one, bytes) else json.dumps(one, ensure_ascii=False).encode() for one in lines
    )
    done = registry("assess", write(folder, content, name), folder=folder)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def test_a_bad_line_is_answered_in_its_place_and_stops_nothing(tmp_path: Path) -> None:
    other = CASE | {"tier": "above_scale", "kind": "re_review"}
    found = answers(tmp_path, CASE, b'{"tier": ', other, b"\xff\xfe", [], CASE | {"on": "2024-13-01"}, CASE)

    assert [one.get("verdict", "error") for one in found] == [
        "not_met",
        "error",
        "undetermined",
        "error",
        "error",
        "error",
        "not_met",
    ]
    assert [list(one) for one in found if "error" in one] == [["error"]] * 4
    assert found[0] == found[-1]
    assert found[2]["rule_set"]["id"] == "above_scale-2011"
    assert found[5]["error"][0].startswith("on: ")


def test_a_line_says_what_the_command_for_one_firm_says(tmp_path: Path) -> None:
    alone = json.loads(registry("assess", write(tmp_path, FIRM), *OPTIONS, folder=tmp_path).stdout)

    assert answers(tmp_path, CASE) == [alone]


def test_blank_lines_are_skipped_and_windows_endings_and_a_mark_are_tolerated(tmp_path: Path) -> None:
    line = json.dumps(CASE, ensure_ascii=False).encode()

    assert len(answers(tmp_path, b"\xef\xbb\xbf" + line + b"\r", b"", b"   \r", line + b"\r", b"")) == 2
    assert answers(tmp_path, b"") == []
    assert len(answers(tmp_path, line, name="CASES.JSONL")) == 1


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"surprise": 1}, ["surprise"]),
        ({"tier": "emperor"}, ["tier"]),
        ({"tier": None}, ["tier"]),
        ({"kind": "old"}, ["kind"]),
        ({"kind": 3}, ["kind"]),
        ({"on": "2022-07-31"}, ["on"]),
        ({"on": 20240510}, ["on"]),
        ({"firm": None}, [""]),
        ({"firm": {"name": "甲", "uscc": "x"}}, ["uscc"]),
        ({"firm": FIRM | {"facts": {"titles": [{"until": "2023-02-29"}]}}}, ["facts.titles[0].until"]),
        ({"firm": FIRM | {"years": {"2023": {"revenue": "1"}}}}, ["years.2023.revenue"]),
        ({"on": "soon", "firm": FIRM | {"facts": {"own_brand": 1}}}, ["on", "facts.own_brand"]),
    ],
)
def test_faults_of_a_line_have_paths_without_a_leading_firm(tmp_path: Path, changes: dict, paths: list[str]) -> None:
    ((error),) = [one["error"] for one in answers(tmp_path, CASE | changes)]

    assert [text.split(": ")[0] if paths != [""] else "" for text in error] == paths


def test_a_line_of_ten_megabytes_is_refused_and_the_next_is_answered(tmp_path: Path) -> None:
    found = answers(tmp_path, b'{"x": "' + b"y" * 10_000_000 + b'"}', CASE, b"[" * 900_000, CASE)

    assert ["error" in one for one in found] == [True, False, True, False]
    assert "too large" in found[0]["error"][0]


def test_options_for_one_firm_are_refused_beside_a_file_of_lines(tmp_path: Path) -> None:
    done = registry("assess", write(tmp_path, CASE, "cases.jsonl"), *OPTIONS, folder=tmp_path)

    assert done.returncode == 2
    assert "--tier" in done.stderr.decode("utf-8")


def test_the_local_table_and_higher_titles_are_settings_of_the_environment(tmp_path: Path) -> None:
    firm = FIRM | {"facts": {"titles": [{"kind": "specialized", "from": "2023-01-01", "until": "2025-12-31"}]}}
    rung = {}
    for counts in ("false", "true"):
        done = registry("assess", write(tmp_path, firm), *OPTIONS, folder=tmp_path, REGISTRY_HIGHER_TITLE_COUNTS=counts)
        rung[counts] = next(one["verdict"] for one in json.loads(done.stdout)["criteria"] if one["key"] == "rung_below")

    assert rung == {"false": "not_met", "true": "met"}
