"""What an uploaded file really is, and whether it may come in."""

import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import filetype
import pillow_heif
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from support.documents import pdf_inspection

PDF, JPEG, PNG, HEIC = "application/pdf", "image/jpeg", "image/png", "image/heic"
EXTENSIONS = {
    PDF: ("pdf",),
    JPEG: ("jpg", "jpeg", "jpe", "jfif"),
    PNG: ("png",),
    HEIC: ("heic", "heif"),
}
FORMATS = {JPEG: "JPEG", PNG: "PNG", HEIC: "HEIF"}
MOST_PIXELS = 50_000_000  # 150 MB once decoded
LONGEST_NAME = 100
INSPECTION_SECONDS = 20

pillow_heif.register_heif_opener()


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
    if content_type == PDF:
        _check_pdf(data)
        return Content(data, PDF)
    return _check_image(data, content_type)


def too_large() -> UploadRefused:
    return UploadRefused(
        _("文件超过 %(limit)s MB，请重新拍照或压缩后上传")
        % {"limit": settings.UPLOAD_MAX_BYTES // 1024 // 1024}
    )


def _check_pdf(data: bytes) -> None:
    words = {
        "encrypted": _("PDF 有密码保护，请去掉密码后上传"),
        "active": _("PDF 含有脚本或启动程序的动作，请用“打印为 PDF”另存后上传"),
    }
    finding = _inspect(data)
    if finding != "ok":
        raise UploadRefused(words.get(finding) or broken_words())


def _inspect(data: bytes) -> str:
    """The finding of `pdf_inspection` on this file, from a process of its own."""
    command = [sys.executable, "-I", str(Path(pdf_inspection.__file__))]
    try:
        done = subprocess.run(  # noqa: S603 - our own script; the file travels on standard input
            command, input=data, capture_output=True, timeout=INSPECTION_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "broken"
    return done.stdout.decode() if done.returncode == 0 else "broken"


def _check_image(data: bytes, content_type: str) -> Content:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # importing WeasyPrint has allowed half pictures
    try:
        with Image.open(BytesIO(data), formats=[FORMATS[content_type]]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UploadRefused(_("图片的像素太多，请缩小后上传"))
            image.load()
            return _as_jpeg(image) if content_type == HEIC else Content(data, content_type)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        raise UploadRefused(broken_words()) from None


def _as_jpeg(image: Image.Image) -> Content:
    """Browsers do not show HEIC. The picture is turned upright; place and device are not kept."""
    out = BytesIO()
    ImageOps.exif_transpose(image).convert("RGB").save(out, "JPEG", quality=88)
    return Content(out.getvalue(), JPEG)


def broken_words() -> str:
    return _("文件已损坏，打不开，请重新拍照或导出后上传")
