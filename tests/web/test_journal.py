"""The log names every request, and holds nothing that lets somebody in."""

from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from registry.app import create_app
from registry.config import load_settings
from registry.store.engine import open_ready


@pytest.mark.parametrize("path", ["/link/a-secret", "/objections/ABCDEFGHJKLMNPQRSTUVWXYZ23", "/report/ABCDEFGHJKLM"])
def test_what_lets_somebody_in_stands_in_no_line_of_the_log(tmp_path: Path, path: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    open_ready(url).dispose()
    app = create_app(replace(load_settings(), database_url=url))
    with capture_logs() as logs:
        app.test_client().get(path)
    (line,) = [one for one in logs if one["event"] == "request"]

    assert line["path"].startswith(f"/{path.split('/')[1]}/<")
    assert path.split("/")[2] not in str(logs)
