"""History is not edited: the content of every published rule set is pinned. A new version is a new file."""

import pytest

from registry.policy import Options, load, rule_set_ids

DIGESTS = {
    "above_scale-2011": "sha256:edc4ee2db9ff71afc21a7858d92261e97bccfe4056ce32a82f2b47edf54bbd33",
    "innovative-2022": "sha256:6990083d49d865c6b572f0df69158bf1d88abde34bb4b308f2a7b98e5f4130a7",
    "little_giant-2022": "sha256:4dc15ddbe37594542a00ca44496389f1024e03b14b2b3bba0da43ed4ec49b1a4",
    "little_giant-2022+2025": "sha256:ab35520e72be916bbe8af73ff497944532d3d9cbb31acc0399105b932ed632cf",
    "little_giant-2026": "sha256:4e0a5e7f3f9145641451ca48e8891365c0f06c1b6f8882397a98b167b83c1dcb",
    "specialized-2022": "sha256:d521f1aefa5d9d85ba1af7cfdd1d9616bc6fb6a834637ed096720b9c8860af2a",
    "specialized-2026": "sha256:3a86bb304816d26ee0c5b7e42fdf6dc759b7ae46b4a6989d70a905a776606600",
}


@pytest.mark.parametrize("name", rule_set_ids())
def test_a_published_rule_set_is_unchanged(name: str) -> None:
    assert load(name).digest == DIGESTS[name]
    assert load(name, "re_review").digest == DIGESTS[name]


def test_every_rule_set_is_pinned() -> None:
    assert sorted(DIGESTS) == rule_set_ids()


def test_no_two_rule_sets_are_the_same() -> None:
    assert len(set(DIGESTS.values())) == len(DIGESTS)


def test_another_setting_of_the_city_is_another_content() -> None:
    other = load("specialized-2022", options=Options(higher_title_counts=True))

    assert other.digest != DIGESTS["specialized-2022"]
