"""The catalogue over the API: public, and the same queries as the pages."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from matters import codes, situations
from matters.actions import note_zero_hit
from matters.form_schema import json_schema
from matters.guides import SOURCE
from matters.models import GuideVersion
from matters.search import FLAGS, Wish, search
from support.accounts.api import api_actor


class HitShape(serializers.Serializer[Any]):
    """A hit, or a suggestion, of a search."""

    uuid = serializers.UUIDField(source="card.matter", help_text="of the matter")
    name = serializers.DictField(source="card.name", help_text="by language")
    summary = serializers.DictField(source="card.summary", help_text="by language")
    agency = serializers.UUIDField(source="agency.uuid")
    agency_name = serializers.CharField(source="agency.name")
    region_code = serializers.CharField()
    task_type = serializers.CharField(help_text="GB/T 39046 A.1")
    audiences = serializers.ListField(child=serializers.ChoiceField(choices=list(codes.AUDIENCES)))
    flags = serializers.ListField(child=serializers.ChoiceField(choices=list(codes.FLAGS)))
    terms = serializers.DictField(source="card.terms", help_text="promised, statutory")
    visits = serializers.CharField(source="card.visits")
    charged = serializers.BooleanField(source="card.charged")


class FoundShape(serializers.Serializer[Any]):
    total = serializers.IntegerField()
    capped = serializers.BooleanField(help_text="there are more hits than are listed")
    near = serializers.IntegerField(help_text="of the hits, the last ones: only written or sounding alike")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = HitShape(many=True, source="entries")
    suggestions = HitShape(many=True, help_text="only when nothing was found")


class GuideShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField(source="matter.uuid", help_text="of the matter")
    task_code = serializers.CharField(source="matter.task_code")
    version = serializers.IntegerField()
    valid_from = serializers.DateTimeField(source="validity.lower")
    valid_until = serializers.DateTimeField(source="validity.upper", allow_null=True)
    published_at = serializers.DateTimeField()
    document = serializers.DictField(help_text="matters/schema/guide-1.json")


_WISH = [
    OpenApiParameter("q", str, description="words in either script; up to 60 characters count"),
    OpenApiParameter("region", str, description="12-digit code; guides in and above it come first"),
    OpenApiParameter("audience", str, enum=list(codes.AUDIENCES)),
    OpenApiParameter("theme", str, description="a code of the audience's theme list"),
    OpenApiParameter("agency", OpenApiTypes.UUID),
    OpenApiParameter("kind", str, enum=list(codes.TASK_TYPES), description="GB/T 39046 A.1"),
    OpenApiParameter("pace", str, enum=list(codes.PROJECT_TYPES), description="1 on the spot, 2 promised"),
    OpenApiParameter("level", str, enum=list(codes.USE_LEVELS), description="GB/T 39046 A.2"),
    OpenApiParameter("area", str, description="12-digit code; only guides of agencies in that region"),
    *(OpenApiParameter(flag, str, enum=["1"], description="only guides that have it") for flag in FLAGS),
    OpenApiParameter("page", int),
]


class MattersView(GenericAPIView[Any]):
    """Search the guides in force; without words, all of them. A filter that makes no sense is left out."""

    audience = "public"
    serializer_class = FoundShape
    queryset = GuideVersion.objects.none()
    pagination_class = None

    @extend_schema(operation_id="matters_search", parameters=_WISH, responses=FoundShape)
    def get(self, request: Request) -> Response:
        now = timezone.now()
        wish = Wish.of(request.query_params.dict())
        found = search(wish, actor=api_actor(request), at=now)
        if wish.is_whole and found.total == found.near:
            note_zero_hit(wish.q, now=now)
        return Response(FoundShape(found).data)


def _guide_in_force(request: Request, uuid: Any) -> GuideVersion:
    rows = GuideVersion.objects.visible_to(api_actor(request)).open_at(timezone.now())
    return _only(rows.filter(matter__uuid=uuid))


def _only(rows: Any) -> GuideVersion:
    version = rows.select_related("matter").first()
    if version is None:
        raise Http404(_("没有这个事项，或者它已经停办。"))
    found: GuideVersion = version
    return found


class GuideView(GenericAPIView[Any]):
    """The guide of a matter in force now."""

    audience = "public"
    serializer_class = GuideShape

    def get(self, request: Request, uuid: Any) -> Response:
        return Response(GuideShape(_guide_in_force(request, uuid)).data)


class GuideVersionView(GenericAPIView[Any]):
    """One version of a guide, in force now or in the past."""

    audience = "public"
    serializer_class = GuideShape

    def get(self, request: Request, uuid: Any, version: int) -> Response:
        rows = GuideVersion.objects.visible_to(api_actor(request)).begun(timezone.now())
        return Response(GuideShape(_only(rows.filter(matter__uuid=uuid, version=version))).data)


class FormSchemaView(GenericAPIView[Any]):
    """The JSON Schema of the answers to file with, in the language of the request.

    Where the guide has questions of 情形, `$defs.situations` is the schema of their answers.
    """

    audience = "public"
    serializer_class = serializers.Serializer

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, uuid: Any) -> Response:
        version = _guide_in_force(request, uuid)
        language = get_language() or SOURCE
        schema = json_schema(version.guide, language)
        asked = version.guide_in(language)
        if asked.situations:
            schema["$defs"] = schema.get("$defs", {}) | {"situations": situations.json_schema(asked)}
        return Response(schema)
