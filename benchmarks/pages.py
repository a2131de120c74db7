"""Verification of a certificate, and a search among many guides, beside a static file of the same server."""

import os
from collections.abc import Iterator
from urllib.parse import quote

from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.utils import timezone

from applications import papers
from benchmarks import stage
from benchmarks.rounds import Row, Run, in_turn
from matters import tokens
from matters.models import DirectoryEntry, GuideVersion, Matter, SearchEntry
from support.records.actor import TIMER

GUIDES = int(os.environ.get("BENCH_GUIDES", "200000"))
CLIENTS = 8
PLACES = ("县级", "市级", "乡镇", "街道", "园区", "自治区", "社区")
THINGS = (
    "食品经营",
    "公共场所卫生",
    "民办学校",
    "道路运输",
    "取水",
    "社会保险",
    "养老机构",
    "医疗机构",
    "房屋租赁",
    "户外广告",
    "劳务派遣",
)
ACTS = ("许可", "变更登记", "备案", "延续", "注销", "补贴发放", "资格确认", "信息查询")
WORDS = ("食品", "许可", "登记", "备案", "开餐馆", "社会保险", "补贴", "证明")

WRONG = ("食品经管许可", "公共场所卫牛许可", "民办学校辨更登记", "社会保险信息查寻", "shipinjinyingxuke")
BEGUN = ("食", "食品", "许可", "kaic", "shipin", "社会保", "民办学校变")


def rows() -> Iterator[Row]:
    stage.set_papers_aside()
    case, _answers, _uploads = stage.file_once("bench-pages")
    certificate = papers.reserve_certificate(case, case.guide.guide, actor=TIMER, at=timezone.now())
    assert certificate is not None
    stage.make_papers()
    _many_guides()
    web = stage.Web()
    static = stage.lua_request("GET", staticfiles_storage.url("css/base.css"), {})

    def floor() -> Run:
        return web.load(static, clients=CLIENTS)

    check = stage.lua_request("GET", f"/v/{certificate.code}", {})
    yield in_turn(
        "verification page, of a static file", "/s", floor, lambda: web.load(check, clients=CLIENTS)
    )
    for name, paths in {
        "search page, each made afresh": [f"/search/?q={quote(word)}&n={stage.COUNT}" for word in WORDS],
        "search page, kept": [f"/search/?q={quote(word)}" for word in WORDS],
        "search with typing errors, each made afresh": [
            f"/search/?q={quote(word)}&n={stage.COUNT}" for word in WRONG
        ],
        "suggestions": [f"/search/suggest/?q={quote(word)}" for word in BEGUN],
    }.items():
        asked = stage.lua_requests(paths)
        yield in_turn(
            f"{name}, {GUIDES:,} guides, of a static file", "/s", floor,
            lambda asked=asked: web.load(asked, clients=CLIENTS),  # type: ignore[misc]
        )  # fmt: skip
    web.stop()


def _many_guides() -> None:
    """Guides in force with names made of the words that people search for, each with a search row of its own."""
    model = SearchEntry.objects.select_related("guide__matter").order_by("pk").first()
    assert model is not None
    directory = DirectoryEntry.objects.order_by("pk").first()
    for start in range(0, GUIDES, 5000):
        numbers = range(start, min(start + 5000, GUIDES))
        matters = Matter.objects.bulk_create(
            Matter(task_code=f"bench-{n}", agency_id=model.agency_id, directory=directory,
                   task_type=model.task_type, regime=model.guide.matter.regime)
            for n in numbers
        )  # fmt: skip
        versions = GuideVersion.objects.bulk_create(
            GuideVersion(matter=matter, version=1, document={}, validity=model.validity,
                         published_at=timezone.now(), published_by="bench")
            for matter in matters
        )  # fmt: skip
        SearchEntry.objects.bulk_create(
            _entry(model, version, n) for n, version in zip(numbers, versions, strict=True)
        )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _entry(model: SearchEntry, version: GuideVersion, number: int) -> SearchEntry:
    name = f"{PLACES[number % len(PLACES)]}{THINGS[number // 7 % len(THINGS)]}{ACTS[number // 97 % len(ACTS)]}{number}"
    body = "\n".join((name, *WORDS[number % 3 :: 3]))
    kept = {
        f.attname: getattr(model, f.attname) for f in SearchEntry._meta.concrete_fields if f.attname != "id"
    }
    return SearchEntry(
        **kept
        | {"guide_id": version.pk, "title_fold": name, "body_fold": body, "tsv": tokens.vector([name], body),
           "letters": tokens.letters([name])}
    )
