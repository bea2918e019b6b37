"""A wheel carries everything a running registry needs: law, cases, pages, migrations, seeds, static files."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVED = """
import registry, pathlib, sys
assert pathlib.Path(registry.__file__).is_relative_to(sys.argv[1]), registry.__file__
from registry.app import create_app
client = create_app().test_client()
link = "/link/" + sys.argv[2]
token = client.get(link).text.split('name="csrf_token" value="')[1].split('"')[0]
assert client.post(link, data={"csrf_token": token}).status_code == 303
for page in ("/?on=2025-11-07", "/home", "/firms", "/check", "/account/factors", "/healthz"):
    answer = client.get(page)
    assert answer.status_code == 200, (page, answer.status_code)
styles = [word for word in client.get("/").text.split('"') if word.endswith(".css") or ".css?" in word]
assert styles
assert all(client.get(style).status_code == 200 for style in styles)
from registry import policy
from registry.policy.handbook import handbook
assert all(handbook(policy.load(name)) for name in policy.rule_set_ids())
"""


@pytest.mark.slow
def test_a_wheel_outside_the_checkout_makes_the_demo_and_serves_its_pages(tmp_path: Path) -> None:
    wheels, site, source = tmp_path / "wheels", tmp_path / "site", tmp_path / "source"
    # Built from a copy: a build leaves folders behind that the next one would take for source.
    left_out = shutil.ignore_patterns(".git", ".venv", "var", "build", "*.egg-info", "tests", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, source, ignore=left_out)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(wheels), str(source)]
    subprocess.run(build, check=True, cwd=tmp_path)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True, cwd=tmp_path)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REGISTRY_")}
    environment["PYTHONPATH"] = str(site)

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    program = "from registry.cli.main import main; main()"
    made = run("-c", program, "demo", "--firms", "200")
    assert "200" in made
    assert "无误" in run("-c", program, "rules", "check")
    run("-c", SERVED, str(site), re.search(r"City reviewer.*\n.*/link/(\S+)", made).group(1))  # type: ignore[union-attr]
