"""Looks into a stranger's PDF in a process of its own, with little memory and time.

Run as a script with the file on standard input; prints `ok`, `encrypted`, `active` (it would run
something) or `broken`. A hostile file can end this process, not the portal.
"""

import resource
import sys
from io import BytesIO
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 10
MOST_OBJECTS = 200_000
ACTIVE = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMediaExecute"}


def look(data: bytes) -> str:
    from pyhanko.pdf_utils.misc import PdfReadError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            return "encrypted"
        if int(reader.root["/Pages"]["/Count"]) < 1:
            return "broken"
        return "active" if _is_active(reader) else "ok"
    except (PdfReadError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return "broken"


def _is_active(reader: Any) -> bool:
    """True when any reachable dictionary is an action that runs or sends something."""
    from pyhanko.pdf_utils import generic

    waiting: list[Any] = [reader.root]
    seen: set[int] = set()
    while waiting:
        item: Any = waiting.pop()
        if isinstance(item, generic.IndirectObject):
            if item.idnum in seen:
                continue
            seen.add(item.idnum)
            if len(seen) > MOST_OBJECTS:
                return True
            item = item.get_object()  # type: ignore[no-untyped-call]
        if isinstance(item, generic.DictionaryObject):
            if "/JS" in item or item.get("/S") in ACTIVE:
                return True
            waiting.extend(item.raw_get(key) for key in item)
        elif isinstance(item, generic.ArrayObject):
            waiting.extend(item.raw_get(place) for place in range(len(item)))
    return False


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.write(look(sys.stdin.buffer.read()))
