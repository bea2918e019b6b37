"""The guides show pictures that a program takes, lead where they say, and call pages and buttons as the pages do."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from pictures.album import ALBUM

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
GUIDES = sorted(file for file in (ROOT / "docs").rglob("*.md") if file.parent.name != "handbook")
# What people read: the guides of firms, reviewers, the bureau and operators.
READ = [ROOT / "docs" / f"{name}.md" for name in ("applicants", "reviewers", "bureau", "operators")]
# As quick as a page of text over a slow line.
MOST_BYTES = 100 * 1024
# Quoted, but no words of a page: what firms and laws say, sheets of a file, headings of a guide.
NO_PAGE = {
    *("未知", "否", "升级", "升级与退回", "得知", "关键环节", "重点领域", "知名度", "市场地位", "≥", ">", "左右"),
    *("校验结果", "暂定", "已办理", "已完成", "试用", "确认企业经办人", "市级：抽查、审核、公告", "区市：从受理到公示"),
    *("安装", "设置", "数据库", "备份与恢复", "示例城市", "到期提醒", "公布口径", "待确认"),
}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda one: one.name)
def test_every_link_and_picture_of_a_guide_leads_somewhere(guide: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", guide.read_text("utf-8"))

    assert [link for link in links if "://" not in link and not (guide.parent / link).exists()] == []


def test_every_picture_is_in_the_album_and_in_a_guide() -> None:
    told = "".join(guide.read_text("utf-8") for guide in [*GUIDES, ROOT / "README.md"])
    there = {file.stem for file in PICTURES.iterdir()}

    assert there == {one.name for one in ALBUM}
    assert [name for name in sorted(there) if f"pictures/{name}.png" not in told] == []


@pytest.mark.parametrize("name", [one.name for one in ALBUM])
def test_a_picture_is_as_wide_as_a_screen_and_small(name: str) -> None:
    content = (PICTURES / f"{name}.png").read_bytes()

    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(content[16:20], "big") == 1280
    assert len(content) <= MOST_BYTES


@pytest.mark.parametrize("guide", READ, ids=lambda one: one.name)
def test_pages_and_buttons_are_called_as_the_pages_call_them(guide: Path) -> None:
    folders = (ROOT / "templates", ROOT / "registry")
    said = "".join(
        file.read_text("utf-8") for folder in folders for file in folder.rglob("*") if file.suffix in (".html", ".py")
    )
    # What is longer is a sentence that is quoted.
    named = {name.strip() for name in re.findall(r"“([^”]{1,16})”", guide.read_text("utf-8"))}

    assert sorted(name for name in named - NO_PAGE if name not in said) == []
