"""What is drawn on a paper: the round seal of an agency, the QR code, the ground of a certificate."""

from math import cos, pi, sin

import segno
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

RED = "#c8161d"
RING = 192  # outer radius in tenths of a millimetre: a seal of about 40 mm
ARC_RADIUS = 138  # to the feet of the letters of the name
WIDEST_ARC = 236  # degrees of the ring that a long name may fill; the legend has the rest
LETTER = 44
FONT = "Noto Serif CJK SC"  # no other family: each one adds 130 kB to every file


def seal_svg(name: str, legend: str) -> SafeString:
    """The seal: a five-pointed star, the agency's name along the ring, the legend beneath the star."""
    return format_html(
        '<svg class="seal" xmlns="http://www.w3.org/2000/svg" viewBox="-200 -200 400 400" role="img"'
        ' aria-label="{}"><g fill="{}" font-family="{}" font-weight="700">{}<polygon points="{}"/>{}{}</g></svg>',
        f"{name} {legend}", RED, FONT, _ring(), _star(58), _along_the_ring(name), _straight(legend, 120),
    )  # fmt: skip


def _ring() -> SafeString:
    return format_html('<circle r="{}" fill="none" stroke="{}" stroke-width="12"/>', RING - 6, RED)


def _star(radius: float) -> str:
    """Ten corners of a regular five-pointed star, one point upwards."""
    inner = radius * sin(pi / 10) / sin(3 * pi / 10)
    corners = ((radius if i % 2 == 0 else inner, i * pi / 5) for i in range(10))
    return " ".join(f"{r * sin(a):.1f},{-r * cos(a):.1f}" for r, a in corners)


def _along_the_ring(name: str) -> SafeString:
    """Each letter upright on its own radius, the name centred at the top, narrowed if it is long."""
    step = min(WIDEST_ARC / max(len(name) - 1, 1), 25)
    room = 2 * pi * (ARC_RADIUS + LETTER / 2) * step / 360 * 0.9
    width = min(room / LETTER, 1)
    letters = (
        (f"{(i - (len(name) - 1) / 2) * step:.2f}", -ARC_RADIUS, f"{width:.3f}", LETTER, letter)
        for i, letter in enumerate(name)
    )
    return format_html_join(
        "",
        '<text transform="rotate({}) translate(0 {}) scale({} 1)" font-size="{}" text-anchor="middle">{}</text>',
        letters,
    )


def _straight(words: str, y: int) -> SafeString:
    width = min(210 / (len(words) * 36), 1) if words else 1
    return format_html(
        '<text transform="translate(0 {}) scale({} 1)" font-size="36" text-anchor="middle">{}</text>',
        y, f"{width:.3f}", words,
    )  # fmt: skip


def qr_svg(text: str) -> SafeString:
    """A QR code with error correction M; sized by the style sheet."""
    code = segno.make(text, error="m", micro=False)
    return mark_safe(code.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None))  # noqa: S308


def ground_svg(width: int = 270, height: int = 180) -> SafeString:
    """Fine interwoven waves behind the words of a certificate (millimetres)."""
    paths = []
    for line in range(-4, 26):
        points = (
            f"{x} {line * 9 + 14 * sin(x / 19 + line / 3) + 7 * sin(x / 7.0 - line / 2):.1f}"
            for x in range(0, width + 4, 3)
        )
        paths.append((" L".join(points),))
    return format_html(
        '<svg class="ground" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}"'
        ' preserveAspectRatio="none"><g fill="none" stroke="#d9c48f" stroke-width="0.18">{}</g></svg>',
        width, height, format_html_join("", '<path d="M{}"/>', paths),
    )  # fmt: skip
