"""What the page of a case offers."""

from pathlib import Path

from page_reader import Page

Built = tuple[Path, dict[str, int], dict[str, int]]


def offers(page: Page, name: str) -> list[str]:
    """Return the values of the boxes to tick of a name."""
    return [one["value"] for one in page.all("input", name=name) if one.get("type") in ("radio", "checkbox")]
