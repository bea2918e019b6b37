"""Floor 1: the rule language. One definition, two readings: `explain` is the meaning, `columns` must agree."""
