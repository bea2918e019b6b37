"""Takes a page apart: every tag closed in its place, every id once, every label and inner link leading somewhere."""

from html.parser import HTMLParser
from urllib.parse import unquote

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Drawn inside svg, and closed by themselves there.
SHAPES = {"rect", "path", "circle", "line"}


class Page(HTMLParser):
    """A parsed page; raises at the first tag that is not closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"left open: {self._open}"
        ids = [one["id"] for _tag, one in self.tags if "id" in one]
        assert len(ids) == len(set(ids)), sorted(one for one in set(ids) if ids.count(one) > 1)
        self.ids = set(ids)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _value in attrs]
        assert len(names) == len(set(names)), f"attribute twice in {self.get_starttag_text()}"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID | SHAPES, f"<{tag}/> is no void tag"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open[-1] == tag, f"</{tag}> at {self.getpos()} closes {self._open[-3:]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """Return the words of the page, spaces folded."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """Return the attributes of the tags that have these values."""
        return [
            one
            for name, one in self.tags
            if name == tag and all(one.get(key.rstrip("_").replace("_", "-")) == value for key, value in wanted.items())
        ]

    def value_of(self, name: str) -> str:
        """Return what a box holds."""
        return self.all("input", name=name)[0].get("value", "")

    @property
    def title(self) -> str:
        """Return what stands in the window's title."""
        return self.source.split("<title>")[1].split("</title>")[0]

    @property
    def links(self) -> list[str]:
        """Return where the page leads."""
        return [one["href"] for one in self.all("a")]

    def faults(self) -> list[str]:
        """Return what a careful reader of the source would complain of."""
        found = [f"inline style: {one}" for _tag, one in self.tags if "style" in one]
        found += [f"event handler: {one}" for _tag, one in self.tags if any(name.startswith("on") for name in one)]
        found += [f"{tag} in the page" for tag, _one in self.tags if tag in ("style", "iframe", "object")]
        found += [
            f"script in the page: {one}"
            for one in self.all("script")
            if not one.get("src", "").startswith("/static/") or "defer" not in one
        ]
        found += [f"label for nothing: {one}" for one in self.all("label") if one.get("for", "") not in self.ids | {""}]
        found += [
            f"link to nowhere: {link}"
            for link in self.links
            if link.startswith("#") and unquote(link[1:]) not in self.ids
        ]
        for _tag, one in self.tags:
            for name in ("aria-labelledby", "aria-describedby", "form"):
                found += [f"{name} of nothing: {part}" for part in one.get(name, "").split() if part not in self.ids]
        for tag in ("h1", "main", "title"):
            if len(self.all(tag)) != 1:
                found.append(f"{len(self.all(tag))} times {tag}")
        return found
