"""The statements of one request as a pgbench script: the floor below which no program can get.

Ids that the database returned are fetched anew in each replay; texts that must be unique (uuids, keys,
numbers) are made anew from a random number.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}")


FIRST_ID = 1_000_000  # ids made while the tape runs are larger than all others, see `submission`


@dataclass
class Statement:
    sql: str
    params: tuple[Any, ...]
    rows: list[tuple[Any, ...]]
    atomic: bool


@dataclass
class Tape:
    """What was said to the database, in order."""

    statements: list[Statement] = field(default_factory=list)

    def hear(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        result = execute(sql, params, many, context)
        cursor = context["cursor"].cursor
        rows = []
        if cursor.description:
            rows = cursor.fetchall()
            if rows:
                cursor.scroll(0, mode="absolute")
        self.statements.append(Statement(sql, tuple(params or ()), rows, connection.in_atomic_block))
        return result


@contextmanager
def recorded() -> Iterator[Tape]:
    tape = Tape()
    with connection.execute_wrapper(tape.hear):
        yield tape


class Script:
    """Turns a tape into pgbench's language. `fresh`: texts that must differ from run to run."""

    def __init__(self, tape: Tape, fresh: list[str], kept: set[str]) -> None:
        self.tape, self.fresh, self.kept = tape, sorted(fresh, key=len, reverse=True), kept
        self.ids: dict[int, str] = {}  # what a statement returned → the variable that holds it
        self.uuids: dict[str, int] = {}

    def text(self) -> str:
        lines = ["\\set r random(1, 9000000000000000000)"]
        inside = False
        for number, statement in enumerate(self.tape.statements):
            if statement.sql.startswith(("SAVEPOINT", "RELEASE")):
                continue
            if statement.atomic != inside:
                lines.append("BEGIN;" if statement.atomic else "END;")
                inside = statement.atomic
            sql = (
                statement.sql % tuple(map(self._literal, statement.params))
                if statement.params
                else statement.sql
            )
            lines.append(sql.replace("%%", "%").replace("\n", " ") + self._end(number, statement))
        if inside:
            lines.append("END;")
        return "\n".join(lines)

    def _end(self, number: int, statement: Statement) -> str:
        """Keep what an INSERT returned for the statements that name it."""
        returned = statement.rows
        single = len(returned) == 1 and len(returned[0]) == 1 and isinstance(returned[0][0], int)
        single = single and returned[0][0] >= FIRST_ID  # the next number of a series is no id
        if "RETURNING" not in statement.sql or not single:
            return ";"
        self.ids[returned[0][0]] = f"v{number}_x"
        return f" AS x \\gset v{number}_"

    def _literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return f"(:{self.ids[value]})::bigint" if value in self.ids else str(value)
        if isinstance(value, float | Decimal):
            return str(value)
        if isinstance(value, list | tuple):
            return f"ARRAY[{', '.join(map(self._literal, value))}]"
        if isinstance(value, dt.datetime):
            return f"{self._quoted(value.isoformat())}::timestamptz"
        if isinstance(value, dt.date):
            return f"'{value.isoformat()}'::date"
        if isinstance(value, uuid.UUID):
            return f"({self._words(str(value))})::uuid"
        if isinstance(value, memoryview | bytes):
            return f"'\\x{bytes(value).hex()}'::bytea"
        if hasattr(value, "adapted"):  # psycopg2's wrappers of JSON and of bytes
            inner = value.adapted
            if isinstance(inner, memoryview | bytes):
                return self._literal(inner)
            return f"({self._words(json.dumps(inner, ensure_ascii=False))})::jsonb"
        return self._words(str(value))

    def _words(self, text: str) -> str:
        """A text literal; what must be fresh in it is an expression."""
        pattern = "|".join([*map(re.escape, self.fresh), UUID.pattern])
        parts, last = [], 0
        for match in re.finditer(pattern, text):
            if match[0] in self.kept:
                continue
            parts += [self._quoted(text[last : match.start()]), self._fresh(match[0])]
            last = match.end()
        parts.append(self._quoted(text[last:]))
        return "||".join(part for part in parts if part != "E''") or "E''"

    def _fresh(self, text: str) -> str:
        index = self.uuids.setdefault(text.replace("-", ""), len(self.uuids))
        made = f"md5((:r)::text||'{index}')"
        if "-" in text and UUID.fullmatch(text):
            return f"{made}::uuid::text"
        return f"left({made}, {len(text)})"

    @staticmethod
    def _quoted(text: str) -> str:
        # pgbench takes `:word` for a variable even inside quotes.
        safe = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\072").replace(";", "\\073")
        return f"E'{safe}'"
