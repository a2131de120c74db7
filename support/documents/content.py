"""What an uploaded file really is, and whether it may come in."""

import signal
import subprocess
import sys
import threading
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import filetype
from django.conf import settings
from django.utils.translation import gettext as _

from support.documents import inspection

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
EXTENSIONS = {
    PDF: ("pdf",),
    JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    PNG: ("png",),
    HEIC: ("heic", "heif"),
}
LONGEST_NAME = 100
INSPECTION_SECONDS = 6  # on the wall; the process itself ends after 4 of CPU
LONGEST_WAIT = 10  # seconds for a seat

_seats = threading.BoundedSemaphore(2)  # inspections at once in this process


class UploadRefused(Exception):
    """The file does not come in; the message says why and what to do, in the user's language."""


@dataclass(frozen=True)
class Content:
    data: bytes
    content_type: str


def clean_name(name: str) -> str:
    """The last part of the name as a person would read it: no path, no invisible or turning letters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(letter for letter in last if unicodedata.category(letter)[0] not in "C")
    plain = " ".join(unicodedata.normalize("NFC", visible).split()).strip(". ")
    stem, dot, extension = plain.rpartition(".")
    if dot and len(extension) <= 10:
        plain = f"{stem[: LONGEST_NAME - len(extension) - 1]}.{extension}"
    return plain[:LONGEST_NAME] or _("未命名")


def check(data: bytes, name: str) -> Content:
    """The content as it will be stored: HEIC becomes JPEG. Raises UploadRefused."""
    if not data:
        raise UploadRefused(_("文件是空的，请重新选择"))
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    content_type = filetype.guess_mime(data) or ""
    if content_type not in EXTENSIONS:
        raise UploadRefused(_("只能上传 PDF、JPG、PNG 或 HEIC 文件"))
    extension = Path(name).suffix.lower().lstrip(".")
    if extension and extension not in EXTENSIONS[content_type]:
        raise UploadRefused(_("内容不是它的名字所说的类型，请换用原来的文件"))
    return _inspect(data, content_type)


def too_large() -> UploadRefused:
    return UploadRefused(
        _("文件超过 %(limit)s MB，请重新拍照或压缩后上传")
        % {"limit": settings.UPLOAD_MAX_BYTES // 1024 // 1024}
    )


def _inspect(data: bytes, content_type: str) -> Content:
    if not _seats.acquire(timeout=LONGEST_WAIT):
        raise UploadRefused(busy_words())
    try:
        finding, jpeg = _run_inspection(data, content_type)
    finally:
        _seats.release()
    if finding != "ok":
        raise UploadRefused(_refusal(finding))
    return Content(jpeg, JPEG) if content_type == HEIC else Content(data, content_type)


def _run_inspection(data: bytes, content_type: str) -> tuple[str, bytes]:
    """The finding of `inspection` on this file, and the JPEG made of a HEIC; from a process of its own."""
    command = [sys.executable, "-I", str(Path(inspection.__file__)), content_type]
    try:
        done = subprocess.run(  # noqa: S603 - our own script; the file travels on standard input
            command, input=data, capture_output=True, timeout=INSPECTION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:  # it has had less than its CPU time: others are in its way
        return "busy", b""
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return "heavy", b""
    finding, _line, jpeg = done.stdout.partition(b"\n")
    return (finding.decode(), jpeg) if done.returncode == 0 else ("broken", b"")


def _refusal(finding: str) -> str:
    words = {
        "encrypted": _("PDF 有密码保护，请去掉密码后上传"),
        "active": _("PDF 含有脚本、附件、动态表单或自动执行的动作，请用“打印为 PDF”另存后上传"),
        "heavy": _("文件过于复杂，无法完成检查，请重新拍照，或用“打印为 PDF”另存后上传"),
        "pixels": _("图片的像素太多，请缩小后上传"),
        "busy": busy_words(),
    }
    return words.get(finding) or broken_words()


def busy_words() -> str:
    return _("系统正忙，请稍后重试")


def broken_words() -> str:
    return _("文件已损坏，打不开，请重新拍照或导出后上传")
