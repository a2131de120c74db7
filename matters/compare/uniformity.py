"""无差别、同标准: the same directory entry in different agencies, where their guides in force differ."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from matters import codes
from matters.compare import standards
from matters.guides import SOURCE
from matters.models import DirectoryEntry, GuideVersion
from support.accounts.access import ActorRequest, audience
from support.places.models import Agency, Role

PER_PAGE = 20
Value = tuple[str, ...]


@dataclass(frozen=True)
class Element:
    """One element of a guide on which agencies may say different things: value → the agencies that say it."""

    name: str
    said: dict[Value, list[Agency]]

    @property
    def differs(self) -> bool:
        return len(self.said) > 1


def elements(versions: list[GuideVersion]) -> list[Element]:
    """What the guides say of terms, visits, fees, materials and conditions, element by element.

    Guides of one directory entry that are different 业务办理项 are compared only with their like (`_by_item`).
    """
    found: dict[str, dict[Value, list[Agency]]] = {}
    for version in versions:
        for name, value in _said(version.document):
            found.setdefault(name, {}).setdefault(value, []).append(version.matter.agency)
    return [Element(name, said) for name, said in found.items()]


def _said(document: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    terms = document["terms"]
    for key, name in (("statutory", _("法定办结时限")), ("promised", _("承诺办结时限"))):
        yield name, (codes.term(terms[key]) if key in terms else _("未公布"),)
    yield _("到现场次数"), (str(codes.VISITS[document["visits"]["count"]]),)
    yield _("办件类型"), (str(codes.PROJECT_TYPES[document["project_type"]]),)
    charged = document["fees"]["charged"]
    items = sorted(f"{item['name'][SOURCE]} {item['standard'][SOURCE]}" for item in document["fees"]["items"])
    yield _("收费"), tuple(items) if charged else (_("不收费"),)
    yield (
        _("申请材料"),
        tuple(sorted(_material(material) for material in document["materials"])) or (_("不需要材料"),),
    )
    yield _("受理条件"), tuple(sorted(each[SOURCE] for each in document["conditions"]))


def _material(material: dict[str, Any]) -> str:
    return f"{material['name'][SOURCE]}（{codes.NECESSITIES[material['necessity']]}）"


def shared(at: dt.datetime) -> Any:
    """Directory entries for which more than one agency has a guide in force, with their number."""
    guides = GuideVersion.objects.open_at(at).values("matter__directory")
    several = guides.annotate(agencies=Count("matter__agency", distinct=True)).filter(agencies__gt=1)
    return DirectoryEntry.objects.filter(pk__in=several.values("matter__directory")).order_by(
        "task_type", "name_fold", "pk"
    )


@audience("officer", Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR)
@require_safe
def overview(request: ActorRequest) -> HttpResponse:
    """Entries that several agencies handle, each with the elements on which they differ."""
    now = timezone.now()
    entries = shared(now) & DirectoryEntry.objects.visible_to(request.actor)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    by_entry = _guides_of([entry.pk for entry in page.object_list], now)
    rows = [_row(entry, by_entry.get(entry.pk, [])) for entry in page.object_list]
    context = {
        "rows": rows,
        "total": page.paginator.count,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "catalogue/compare_uniformity.html", context)


def _guides_of(entries: list[int], at: dt.datetime) -> dict[int, list[GuideVersion]]:
    rows = GuideVersion.objects.open_at(at).filter(matter__directory__in=entries)
    found: dict[int, list[GuideVersion]] = {}
    for version in rows.select_related("matter__agency__region").order_by("matter_id"):
        found.setdefault(version.matter.directory_id, []).append(version)
    return found


def _row(entry: DirectoryEntry, versions: list[GuideVersion]) -> dict[str, Any]:
    differing: dict[str, None] = {}
    for _item, each in _by_item(versions):
        differing |= {element.name: None for element in elements(each) if element.differs}
    return {
        "entry": entry,
        "type": codes.TASK_TYPES.get(entry.task_type, entry.task_type),
        "agencies": len({version.matter.agency_id for version in versions}),
        "differing": list(differing),
    }


def _by_item(versions: list[GuideVersion]) -> list[tuple[str, list[GuideVersion]]]:
    """By 业务办理项, where more than one agency has it."""
    found: dict[str, list[GuideVersion]] = {}
    for version in versions:
        found.setdefault(version.document.get("item", {}).get(SOURCE, ""), []).append(version)
    return [(item, each) for item, each in found.items() if len({v.matter.agency_id for v in each}) > 1]


@audience("officer", Role.EDITOR, Role.REVIEWER, Role.SUPERVISOR)
@require_safe
def entry(request: ActorRequest, pk: int) -> HttpResponse:
    """One entry: element by element, who says what."""
    found = DirectoryEntry.objects.visible_to(request.actor).filter(pk=pk).first()
    versions = _guides_of([pk], timezone.now()).get(pk, []) if found else []
    items = [(item, elements(each)) for item, each in _by_item(versions)]
    if not items:
        raise Http404
    context = {
        "entry": found,
        "proposable": versions if standards.proposers(request.actor) else [],
        "items": [
            {
                "name": item,
                "differing": [_table(each) for each in listed if each.differs],
                "same": [each.name for each in listed if not each.differs],
            }
            for item, listed in items
        ],
    }
    return render(request, "catalogue/compare_uniformity_entry.html", context)


def _table(element: Element) -> dict[str, Any]:
    """Most agencies first; of lists only what is not common to all is shown."""
    common = set.intersection(*(set(value) for value in element.said))
    several = any(len(value) > 1 for value in element.said)
    rows = sorted(element.said.items(), key=lambda pair: -len(pair[1]))
    return {
        "name": element.name,
        "common": len(common) if several else 0,
        "rows": [
            {"own": [each for each in value if not (several and each in common)], "agencies": agencies}
            for value, agencies in rows
        ],
    }
