"""The pages of the public lists, their CSV, and the API."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from matters.guides import SOURCE
from matters.lists.rows import COLUMNS, KINDS, Kind, Narrowing, agencies, listed
from matters.models import GuideVersion
from support import sheets
from support.accounts.access import ActorRequest, audience
from support.accounts.api import api_actor

PER_PAGE = 20
CHUNK = 200


def _kind(key: str) -> Kind:
    if key not in KINDS:
        raise Http404(_("没有这份清单。"))
    return KINDS[key]


@audience("public")
@require_safe
def public_list(request: ActorRequest, kind: str, rated: Any = None) -> HttpResponse:
    """One list, narrowed to a region or an agency. `rated` is given to every page of the catalogue."""
    wanted, narrowing, now = _kind(kind), Narrowing.of(request.GET.dict()), timezone.now()
    page = Paginator(listed(wanted, narrowing, actor=request.actor, at=now), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [_row(wanted, version) for version in page.object_list]
    columns = [name for name in wanted.columns if any(row["cells"].get(name) for row in rows)]
    here = {name: value for name, value in vars(narrowing).items() if value}
    offered = agencies(wanted, actor=request.actor, at=now)
    regions = {agency.region.code: agency.region for agency in offered}
    context = {
        "kind": wanted,
        "narrowing": narrowing,
        "total": page.paginator.count,
        "columns": [COLUMNS[name] for name in columns],
        "rows": [
            {**row, "cells": [(COLUMNS[name], row["cells"].get(name)) for name in columns]} for row in rows
        ],
        "agencies": [(str(agency.uuid), agency.name) for agency in offered],
        "regions": list(regions.values()),
        "tabs": [_tab(each, wanted) for each in KINDS.values()],
        "page": page,
        "csv_url": _address("matters:list_csv", kind, here),
        "previous_url": _page(here, page.previous_page_number()) if page.has_previous() else "",
        "next_url": _page(here, page.next_page_number()) if page.has_next() else "",
    }
    return render(request, "matters/list.html", context)


def _row(kind: Kind, version: GuideVersion) -> dict[str, Any]:
    guide = version.said
    return {
        "version": version,
        "name": guide.name,
        "agency": version.matter.agency,
        "cells": kind.cells(guide),
    }


def _tab(kind: Kind, current: Kind) -> dict[str, Any]:
    return {
        "label": kind.name,
        "count": None,
        "url": reverse("matters:list", args=[kind.key]),
        "current": kind is current,
    }


def _address(name: str, kind: str, query: dict[str, str]) -> str:
    return reverse(name, args=[kind]) + (f"?{urlencode(query)}" if query else "")


def _page(here: dict[str, str], number: int) -> str:
    return "?" + urlencode({**here, "page": number})


@audience("public")
@require_safe
def list_csv(request: ActorRequest, kind: str, rated: Any = None) -> StreamingHttpResponse:
    """The whole list, or the part it is narrowed to, as CSV."""
    wanted, narrowing = _kind(kind), Narrowing.of(request.GET.dict())
    rows = listed(wanted, narrowing, actor=request.actor, at=timezone.now())
    content = _csv(wanted, rows, get_language() or SOURCE)
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{wanted.key}-{timezone.localdate()}.csv"'
    )
    return response


def _csv(kind: Kind, rows: Any, language: str) -> Iterator[bytes]:
    with override(language):
        head = [_("事项名称"), _("实施编码"), _("办理机关"), *(COLUMNS[name] for name in kind.columns)]
        yield sheets.BOM + b"".join(sheets.lines([head]))
        for version in rows.iterator(chunk_size=CHUNK):
            row = _row(kind, version)
            cells = ["\n".join(row["cells"][name]) for name in kind.columns]
            yield b"".join(
                sheets.lines([[row["name"], version.matter.task_code, row["agency"].name, *cells]])
            )


# --- the API -------------------------------------------------------------------------------------


class ListedShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField(source="version.matter.uuid", help_text="of the matter")
    task_code = serializers.CharField(source="version.matter.task_code")
    version = serializers.IntegerField(source="version.version")
    name = serializers.CharField(help_text="in the language of the request")
    agency = serializers.UUIDField(source="agency.uuid")
    agency_name = serializers.CharField(source="agency.name")
    region_code = serializers.CharField(source="agency.region_id")
    cells = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="what the list shows, lines by column: " + ", ".join(COLUMNS),
    )


class ListShape(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=list(KINDS))
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = ListedShape(many=True)


class PublicListView(GenericAPIView[Any]):
    """A public list drawn from the guides in force. A filter that makes no sense is left out."""

    audience = "public"
    serializer_class = ListShape
    queryset = GuideVersion.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="matters_list",
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(KINDS)),
            OpenApiParameter("region", str, description="12-digit code; agencies in and beneath it"),
            OpenApiParameter("agency", OpenApiTypes.UUID),
            OpenApiParameter("page", int),
        ],
        responses=ListShape,
    )
    def get(self, request: Request, kind: str) -> Response:
        wanted, narrowing = _kind(kind), Narrowing.of(request.query_params.dict())
        rows = listed(wanted, narrowing, actor=api_actor(request), at=timezone.now())
        page = Paginator(rows, PER_PAGE).get_page(request.query_params.get("page"))
        shown = {
            "kind": wanted.key,
            "total": page.paginator.count,
            "page": page.number,
            "pages": page.paginator.num_pages,
            "results": [_row(wanted, version) for version in page.object_list],
        }
        return Response(ListShape(shown).data)
