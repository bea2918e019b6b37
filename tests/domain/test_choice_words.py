"""Choices in words: every one in both languages, and no English of a choice that there is not."""

import re

from registry.domain.codes import CHOICE_WORDS, CHOICE_WORDS_EN


def test_every_choice_has_english() -> None:
    assert {key: set(words) for key, words in CHOICE_WORDS.items()} == {
        key: set(words) for key, words in CHOICE_WORDS_EN.items()
    }
    english = [word for words in CHOICE_WORDS_EN.values() for word in words.values()]

    assert [word for word in english if not word.strip() or "_" in word or re.search("[一-鿿]", word)] == []
