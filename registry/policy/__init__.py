"""Floor 2: the law as data. Rule sets are TOML beside this file; nothing here decides, it only loads and chooses.

`choose` says which rule set judges a case and why; `load` gives a rule set by its id. Both check every file
before its first use: a rule set that is wrong is never used in part.
"""

from registry.policy.assembly import DEFAULTS, Options, load, rule_set_ids
from registry.policy.choice import Chosen, choose

__all__ = ["DEFAULTS", "Chosen", "Options", "choose", "load", "rule_set_ids"]
