"""History is not edited: the content of every published rule set is pinned. A new version is a new file."""

import pytest

from registry.policy import Options, load, rule_set_ids

DIGESTS = {
    "above_scale-2011": "sha256:ac19b40d5cd0e370d13d9cf95182cb7377bd7770c9d6a7a63db04a7041cad6df",
    "innovative-2022": "sha256:95599321d3b497601c563f3bb6e2be92451d074dc87f004d30927c9ea5ccf363",
    "little_giant-2022": "sha256:4dc15ddbe37594542a00ca44496389f1024e03b14b2b3bba0da43ed4ec49b1a4",
    "little_giant-2022+2025": "sha256:4b1712d88cac85c86b7a3c0f0b8a7bce51ef5be95e1f922957ebff4d62351496",
    "little_giant-2026": "sha256:4e0a5e7f3f9145641451ca48e8891365c0f06c1b6f8882397a98b167b83c1dcb",
    "specialized-2022": "sha256:d521f1aefa5d9d85ba1af7cfdd1d9616bc6fb6a834637ed096720b9c8860af2a",
    "specialized-2026": "sha256:b3e5d54b6c57e5177e49c73c10f8fbfcfe53f25be7f744cb73ce7565516a6f9c",
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
