"""Floor 0: what the registry speaks of. Standard library only; no I/O and no clock."""
