"""Rules of the database that keep the rows of a table as they were written. Used by migrations, so never changed."""

from collections.abc import Iterable, Mapping

_WORDS = ("UPDATE", "DELETE", "TRUNCATE")


def keeping(dialect: str, name: str, refusal: str, tables: Mapping[str, str]) -> Iterable[str]:
    """Yield the statements by which a database refuses to change rows of some tables, or to replace one.

    Args:
        dialect: sqlite or postgresql.
        name: of the function that PostgreSQL's rules call; `DROP FUNCTION` takes it away after the tables.
        refusal: what the database says.
        tables: each with the condition, in SQL, on which a row `NEW` is there already. Its parts come from the
            program, never from a user.
    """
    if dialect == "postgresql":
        yield (
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
        )
        for table in tables:
            for word in _WORDS:
                each = "STATEMENT" if word == "TRUNCATE" else "ROW"
                yield (
                    f"CREATE TRIGGER {table}_no_{word.lower()} BEFORE {word} ON {table} "
                    f"FOR EACH {each} EXECUTE FUNCTION {name}()"
                )
        return
    refuse = f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    for table, is_there in tables.items():
        for word in _WORDS[:2]:
            yield f"CREATE TRIGGER {table}_no_{word.lower()} BEFORE {word} ON {table} {refuse}"
        # INSERT OR REPLACE may delete without a delete trigger.
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {is_there}) {refuse}"
        )
