"""Findings in words, Chinese or English: what was found, what is needed, what is missing, and by how much.

`document_of` gives the assessment of contract §2; nothing here decides anything.
"""

from registry.rules.wording.document import VERDICTS, document_of
from registry.rules.wording.sentences import rule_text

__all__ = ["VERDICTS", "document_of", "rule_text"]
