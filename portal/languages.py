"""The language of an answer: chosen in the bar above every page, else what the browser asks for."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language

ENGLISH = "en"
_CJK = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
# Left as it is: what is no text, and where no element may stand.
_UNTOUCHED = (
    r"""<(title|textarea|select|script|style|svg)\b.*?</\1>|<!--.*?-->|<(?:[^>"']|"[^"]*"|'[^']*')*>"""
)
_CHINESE = rf"(?P<chinese>[（《“]?[{_CJK}](?:[^<>&A-Za-z]*[{_CJK}，。；：？！）》”])?)"
_PARTS = re.compile(f"{_UNTOUCHED}|{_CHINESE}", re.DOTALL)


def mark_chinese(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Names, guides, and whatever else stays Chinese on an English page, says so (WCAG 3.1.2).

    Every answer also says that it depends on the cookie by which the language is chosen.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["Cookie"])
        is_page = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
        if is_page and get_language() == ENGLISH:
            response.content = marked(response.content.decode(response.charset))
            if "Content-Length" in response.headers:
                response.headers["Content-Length"] = str(len(response.content))
        return response

    return answer


def marked(page: str) -> str:
    """A page in which every run of Chinese text is an element of its own, with its language."""
    return _PARTS.sub(_mark, page)


def _mark(part: re.Match[str]) -> str:
    text = part["chinese"]
    return f'<span lang="zh-Hans">{text}</span>' if text else part[0]
