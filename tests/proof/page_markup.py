"""The Nu checker over the text of every page: no error."""

import json
import subprocess
from collections import Counter
from pathlib import Path

_JAR = Path(__file__).parent / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def check_markup(texts: dict[str, str], folder: Path) -> list[str]:
    """Return the errors of pages, each with the page it is first found on and on how many.

    Args:
        texts: what each page is, by its name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    for number, (name, text) in enumerate(texts.items()):
        place = folder / f"{number}.html"
        place.write_text(text, encoding="utf-8")
        names[place.name] = name
    done = subprocess.run(
        ["java", "-jar", str(_JAR), "--format", "json", "--skip-non-html", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    messages = json.loads(done.stderr)["messages"]
    first: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for one in messages:
        if one["type"] != "error":
            continue
        said = f"{one['message']} – {one.get('extract', '').strip()[:120]!r}"
        counted[one["message"]] += 1
        first.setdefault(one["message"], f"{names[Path(one['url']).name]}: {said}")
    return [f"{first[message]} ({count} times)" for message, count in counted.items()]
