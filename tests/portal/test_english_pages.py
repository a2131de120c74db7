"""Every page for the public and for citizens, in English: what is still Chinese is data, and marked so.

The pages are found by following the links from the home page, so a new page is looked at without being named
here; `UNLINKED` says which routes no link of this journey reaches. Each form is also sent back empty.
"""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.urls import Resolver404, resolve, reverse

from applications.models import Application
from tests.applications.conftest import SAMPLE_BY_TYPE
from tests.portal.journey import *  # noqa: F403  # the journey and what it needs
from tests.test_urls import ROUTES

ENGLISH = {"accept-language": "en"}
HAN = re.compile(r"[\u3400-\u9fff]+")
# In these the portal keeps its own words, which a page has to translate.
WORDS_OF_THE_PORTAL = {"applications_clockentry", "auth_permission", "documents_document", "django_session"}
VARIANTS = 20  # of one page, by its query: filters, languages, regions
OWN_NAMES = "简体中文 繁體中文 简 繁"
UNLINKED = {
    "/accounts/logout/": "a button of the bar",
    "/accounts/hat/": "a button of the bar",
    "/accounts/password/reset/sent/": "what the form leads to",
    "/accounts/password/reset/x/x/": "in a mail",
    "/my/messages/read/": "a button",
    "/my/messages/00000000-0000-4000-8000-000000000000/": "leads on to the case",
    "/v/x": "on paper",
    "/p/x": "on another screen",
    "/uploads/00000000-0000-4000-8000-000000000000/": "a file",
    "/drafts/00000000-0000-4000-8000-000000000000/files/1/": "a file",
    "/cases/00000000-0000-4000-8000-000000000000/files/1/": "a file",
    "/cases/00000000-0000-4000-8000-000000000000/correction/1/": "a file",
    "/cases/00000000-0000-4000-8000-000000000000/deferred/1/": "a file",
    "/my/cases/00000000-0000-4000-8000-000000000000/correction/": "of a case to be corrected",
    "/my/cases/00000000-0000-4000-8000-000000000000/deferred/": "of a case with deferred materials",
    "/drafts/00000000-0000-4000-8000-000000000000/slots/x/": "part of a page",
    "/drafts/00000000-0000-4000-8000-000000000000/x/x/": "one question of a page, in 长辈版",
    "/search/suggest/": "part of a page",
    "/matters/00000000-0000-4000-8000-000000000000/versions/1/": "of a guide with two versions",
    "/accounts/profile/channels/": "a button",
    "/hooks/sms/": "for a gateway",
    "/livez": "no page",
    "/metrics": "no page",
    "/readyz": "no page",
}


class Page(HTMLParser):
    """The texts of a page, those outside every element marked as Chinese, its links and its forms."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.unmarked: list[str] = []
        self.links: list[str] = []
        self.forms: list[str] = []
        self.open: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag not in {"meta", "link", "input", "img", "br", "hr"}:
            self.open.append((tag, given.get("lang", "")))
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "form" and given.get("method") == "post" and any(name == "main" for name, _ in self.open):
            self.forms.append(given.get("action") or "")
        self.texts += [given[n] for n in ("alt", "title", "placeholder", "aria-label") if given.get(n)]

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self.texts.append(data)
        if not any(
            lang.startswith("zh") or tag in {"title", "option", "textarea"} for tag, lang in self.open
        ):
            self.unmarked.append(data)


@pytest.fixture
def corpus(journey) -> str:
    """Every text in the database, and what the installation and the journey say of themselves."""
    said = [OWN_NAMES, *map(str, settings.SITE.values()), *map(str, SAMPLE_BY_TYPE.values())]
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names()) - WORDS_OF_THE_PORTAL:
            cursor.execute(f'SELECT string_agg(row::text, chr(10)) FROM "{table}" AS row')
            said.append(cursor.fetchone()[0] or "")
    return "\n".join(said)


def crawl(client, *start):
    """(address, page) of everything that links lead to; what is no page is an empty one."""
    waiting, seen, variants = list(start), set(), Counter()
    while waiting:
        address = waiting.pop()
        parts = urlsplit(address)
        if parts.netloc or parts.scheme or not parts.path or (parts.path, parts.query) in seen:
            continue
        seen.add((parts.path, parts.query))
        variants[parts.path] += 1
        if variants[parts.path] > VARIANTS or parts.path.startswith(("/design/", "/api/")):
            continue
        answer = client.get(address, headers=ENGLISH, follow=True)
        assert answer.status_code in (200, 403), address
        is_page = answer.headers["Content-Type"].startswith("text/html")
        page = Page(answer.content.decode() if is_page else "")
        waiting += [urljoin(address, link) for link in page.links]
        yield answer.request["PATH_INFO"], page


def send_back_empty(client, crawled):
    for address, page in crawled:
        for form in page.forms:
            with transaction.atomic():
                answer = client.post(form or address, {}, headers=ENGLISH, follow=True)
                if answer.headers["Content-Type"].startswith("text/html"):
                    yield f"{form or address} sent back empty", Page(answer.content.decode())
                transaction.set_rollback(True)


def left(corpus, pages):
    """What is Chinese and not data, or data and not marked."""
    found = {}
    for address, page in pages:
        foreign = {run for text in page.texts for run in HAN.findall(text) if run not in corpus}
        foreign |= {text.strip() for text in page.unmarked if HAN.search(text)}
        for text in foreign:
            found.setdefault(text, address)
    return found


def missed(visited):
    """The routes for people that were not among the visited ones, by the name under which they are known."""
    names = set()
    for address in visited:
        try:
            names.add(resolve(address).view_name)
        except Resolver404:
            continue
    routes = {
        route.path: resolve(route.path).view_name
        for route in ROUTES
        if route.audience in ("public", "member", "applicant")
        and not route.path.startswith(("/api/", "/design/"))
    }
    return {path for path, name in routes.items() if name not in names}


@pytest.mark.django_db
def test_no_chinese_but_names_and_guides(client, citizen, journey, corpus):
    found = list(crawl(client, "/"))
    client.force_login(citizen, backend="django.contrib.auth.backends.ModelBackend")
    found += crawl(client, reverse("portal:my"), *journey)
    for address in (
        "/accounts/password/reset/sent/",
        "/accounts/password/reset/x/x/",
        "/v/x",
        "/p/x",
        "/no/such/",
        "/terms/?start=2026-09-21&amount=12&unit=workday",
        "/terms/?start=2026-09-02&amount=1&unit=month",
        "/terms/?start=2026-09-02&amount=3000&unit=day",
        "/terms/?start=1990-01-01&amount=0&unit=x",
        "/matters/directory/?q=zzz",
        "/search/?q=zzz",
    ):
        found.append((address, Page(client.get(address, headers=ENGLISH, follow=True).content.decode())))
    case = Application.objects.filter(state="received").get()
    asked = {"number": case.number, "last_four": case.party.number[-4:]}
    for typed in (asked, asked | {"last_four": "0000"}, asked | {"last_four": "？"}):
        answer = client.post("/progress/", typed, headers=ENGLISH)
        found.append(("/progress/ asked", Page(answer.content.decode())))
    assert left(corpus, found) == {}
    assert left(corpus, send_back_empty(client, found)) == {}
    assert missed(address for address, _page in found) <= UNLINKED.keys()
