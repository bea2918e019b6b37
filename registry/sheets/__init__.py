"""Floor 3, beside the store: tables in and out, as .xlsx, .csv and JSON. Knows no database and no web."""
