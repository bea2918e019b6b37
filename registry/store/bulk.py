"""Large imports into PostgreSQL: rows through COPY, which takes them faster than INSERT."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError


def copy_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; all hold the same columns, and the database fills those that none holds.

    They join the transaction of the connection, and every rule of the table binds them as it binds any other row.

    Raises:
        sqlalchemy.exc.DBAPIError: as an INSERT would raise it.
    """
    if not rows:
        return
    dialect = connection.dialect
    columns = [column for column in table.columns if column.name in rows[0]]
    names = [column.name for column in columns]
    # What a type of ours does to a value on its way in; the driver knows all others.
    turned = [
        (place, turn)
        for place, column in enumerate(columns)
        if (turn := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    quote = dialect.identifier_preparer
    statement = f"COPY {quote.format_table(table)} ({', '.join(map(quote.quote, names))}) FROM STDIN"
    failure: type[Exception] = dialect.loaded_dbapi.Error
    cursor: Any = connection.connection.cursor()
    try:
        with cursor, cursor.copy(statement) as copy:
            for row in rows:
                line = [row[name] for name in names]
                for place, turn in turned:
                    line[place] = turn(line[place])
                copy.write_row(line)
    except failure as error:
        raise DBAPIError.instance(statement, None, error, failure, dialect=dialect) from error
