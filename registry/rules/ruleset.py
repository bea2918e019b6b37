"""A rule set: the criteria of one tier from one document, checked and ready to be read."""

from dataclasses import dataclass, field
from datetime import date

from registry.rules.tree import Condition, Points


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score, as 创新能力 40."""

    key: str
    label: str
    label_en: str
    max: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition or one scored indicator of a document.

    Attributes:
        source: the citation in full, as `工信部企业〔2022〕63号 附件2 一(二)`.
        rule: the condition, or the points when `part` names the part it scores in.
        required: whether the verdict of the rule set needs it; others serve a criterion that names them.
        note: a decision of this project, or how well the text is attested; empty when plain.
        short, short_en: what other criteria call it, where its label is long.
        text: the rule as the file has it, for the handbook.
    """

    key: str
    article: str
    source: str
    label: str
    label_en: str
    rule: Condition | Points
    required: bool = True
    part: str | None = None
    max: int = 0
    note: str = ""
    short: str = ""
    short_en: str = ""
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RuleSet:
    """All criteria of a tier for one kind of case.

    Compared by identity: the digest says whether two are the same in content, and hashing a tree for each
    firm would cost more than judging it.

    Attributes:
        digest: `sha256:` of the canonical content of all files it is made of.
    """

    id: str
    tier: str
    kind: str
    document: str
    title: str
    title_en: str
    issued_on: date | None
    digest: str
    parts: tuple[Part, ...]
    criteria: tuple[Criterion, ...]

    def indicators(self, part: str | None = None) -> tuple[Criterion, ...]:
        """Return the scored criteria, all or those of one part."""
        return tuple(one for one in self.criteria if one.part and part in (None, one.part))

    @property
    def max(self) -> int:
        """Return the most points that can be scored; 0 where the rule set has no score."""
        return sum(part.max for part in self.parts)
