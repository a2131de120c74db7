"""Looks into a stranger's file in a process of its own, with little memory and time.

Run as a script with the content type as its argument and the file on standard input. Prints one line:
`ok`, `encrypted`, `active` (it would run, send, open or carry something), `pixels` (too many),
`heavy` (too many objects) or `broken`; after `ok` for HEIC, the picture as JPEG. A hostile file can
end this process, not the portal.
"""

import resource
import sys
from io import BytesIO
from typing import Any

MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 4
MOST_OBJECTS = 50_000
MOST_PIXELS = 50_000_000  # 150 MB once decoded
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF"}
ACTIONS = {
    "/GoToE", "/GoToR", "/ImportData", "/JavaScript", "/Launch", "/Movie", "/Rendition",
    "/RichMediaExecute", "/Sound", "/SubmitForm",
}  # fmt: skip
KEYS = {"/EF", "/EmbeddedFiles", "/JS", "/RichMedia", "/RichMediaContent", "/XFA"}


def look_at_pdf(data: bytes) -> str:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            return "encrypted"
        if int(reader.root["/Pages"]["/Count"]) < 1:
            return "broken"
        return _walk(reader.root)
    except (PdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return "broken"


def _walk(root: Any) -> str:
    """`active` when any reachable dictionary is refused, `heavy` when there are too many to see."""
    from pyhanko.pdf_utils import generic

    waiting: list[Any] = [root]
    seen: set[tuple[int, int]] = set()
    while waiting:
        item: Any = waiting.pop()
        if isinstance(item, generic.IndirectObject):
            place = (item.idnum, item.generation)
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MOST_OBJECTS:
                return "heavy"
            item = item.get_object()  # type: ignore[no-untyped-call]
        if isinstance(item, generic.DictionaryObject):
            if KEYS & item.keys() or _kind(item) in ACTIONS or _opens_an_address(item):
                return "active"
            waiting.extend(item.raw_get(key) for key in item)
        elif isinstance(item, generic.ArrayObject):
            waiting.extend(item.raw_get(place) for place in range(len(item)))
    return "ok"


def _kind(action: Any) -> str:
    return str(action["/S"]) if "/S" in action else ""


def _opens_an_address(item: Any) -> bool:
    """True when an address is opened without a click on a link: /OpenAction, /AA and what is /Next."""
    waiting = [item["/OpenAction"]] if "/OpenAction" in item else []
    if "/AA" in item:
        waiting += [item["/AA"][event] for event in item["/AA"]]
    seen: set[int] = set()
    while waiting:
        action = waiting.pop()
        if not isinstance(action, dict) or id(action) in seen:
            continue  # an array is a place in this file
        seen.add(id(action))
        if _kind(action) == "/URI":
            return True
        if "/Next" in action:
            following = action["/Next"]
            several = isinstance(following, list)
            waiting += [following[place] for place in range(len(following))] if several else [following]
    return False


def look_at_picture(data: bytes, content_type: str) -> tuple[str, bytes]:
    import pillow_heif
    from PIL import Image, UnidentifiedImageError

    pillow_heif.register_heif_opener()
    try:
        with Image.open(BytesIO(data), formats=[FORMATS[content_type]]) as image:
            if image.width * image.height > MOST_PIXELS:
                return "pixels", b""
            image.load()
            return "ok", _as_jpeg(image) if content_type == "image/heic" else b""
    except Image.DecompressionBombError:
        return "pixels", b""
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        return "broken", b""


def _as_jpeg(image: Any) -> bytes:
    """Browsers do not show HEIC. The picture is turned upright; place and device are not kept."""
    from PIL import ImageOps

    out = BytesIO()
    ImageOps.exif_transpose(image).convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()


def main(content_type: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    if content_type in FORMATS:
        finding, picture = look_at_picture(data, content_type)
    else:
        finding, picture = look_at_pdf(data), b""
    sys.stdout.buffer.write(finding.encode() + b"\n" + picture)


if __name__ == "__main__":
    main(sys.argv[1])
