"""Reads the files of the law: TOML with exact decimals, from the package itself."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from registry.domain.errors import RuleError


@cache
def read_file(name: str) -> Mapping[str, Any]:
    """Return the content of a policy file.

    Args:
        name: without its ending, as `specialized-2022` or `local/shandong-2022`.

    Raises:
        RuleError: there is no such file, or it is not TOML.
    """
    entry = files(__package__).joinpath(f"{name}.toml")
    if not entry.is_file():
        raise RuleError("there is no such policy file", file=f"{name}.toml")
    return parse_file(entry.read_text("utf-8"), f"{name}.toml")


def parse_file(text: str, name: str) -> Mapping[str, Any]:
    """Return the content of a policy text; decimals stay exact."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"not TOML: {error}", file=name) from None


def file_names(folder: str = "") -> list[str]:
    """Return the names of the policy files in the package or in one of its folders."""
    place = files(__package__).joinpath(folder) if folder else files(__package__)
    return sorted(entry.name.removesuffix(".toml") for entry in place.iterdir() if entry.name.endswith(".toml"))
