"""Floor 3: evidence files of firms: which are taken, what is checked of each, and where they lie. Knows no database."""
