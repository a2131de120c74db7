"""The catalogue for other systems: what has changed since, and lists brought in as JSON.

A list is brought in by the same door as from the pages and from a workbook: the draft of an editor.
"""

from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from matters import actions
from matters.api import GuideShape
from matters.checks import problems
from matters.editing import actions as editing
from matters.editing.actions import DraftRefused, StaleDraft
from matters.exchange import importing
from matters.models import GuideDraft, GuideVersion, Matter
from support.accounts.api import api_actor
from support.places.models import Role

PER_PAGE = 100
LARGEST = 2**63 - 1


class Conflict(APIException):
    status_code = status.HTTP_409_CONFLICT


class ConflictShape(serializers.Serializer[Any]):
    detail = serializers.CharField()


class MistakesShape(serializers.Serializer[Any]):
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField())
    )


# --- what has changed ----------------------------------------------------------------------------


class ChangesShape(serializers.Serializer[Any]):
    results = GuideShape(many=True, help_text="in the order of publishing")
    cursor = serializers.CharField(help_text="give it as `since` the next time")
    more = serializers.BooleanField(help_text="ask again at once")


class ChangesView(GenericAPIView[Any]):
    """Versions published since a cursor, each once and in order, whether in force already or announced.

    Begin without a cursor. A version's end may be set later by its successor, which comes in its turn.
    """

    audience = "public"
    serializer_class = ChangesShape
    queryset = GuideVersion.objects.none()
    pagination_class = None

    @extend_schema(
        operation_id="matters_changes",
        parameters=[OpenApiParameter("since", str, description="a cursor of an earlier answer")],
        responses={200: ChangesShape, 400: MistakesShape},
    )
    def get(self, request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not (since.isascii() and since.isdigit() and int(since[:20]) <= LARGEST):
            raise ValidationError({"since": [_("不是本接口给出的游标。")]})
        rows = GuideVersion.objects.visible_to(api_actor(request)).filter(pk__gt=int(since[:20]))
        found = list(rows.select_related("matter").order_by("pk")[: PER_PAGE + 1])
        shown = found[:PER_PAGE]
        return Response(
            ChangesShape(
                {
                    "results": shown,
                    "cursor": str(shown[-1].pk) if shown else since,
                    "more": len(found) > PER_PAGE,
                }
            ).data
        )


# --- lists as JSON -------------------------------------------------------------------------------


class ProblemShape(serializers.Serializer[Any]):
    path = serializers.CharField(help_text="materials[2].name")
    message = serializers.CharField()


class OwnListShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField(help_text="of the matter")
    task_code = serializers.CharField()
    agency = serializers.UUIDField(source="agency.uuid")
    draft = serializers.UUIDField(allow_null=True, help_text="the open draft")
    state = serializers.CharField(allow_blank=True, help_text="of the draft")


class DraftShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    matter = serializers.UUIDField(source="matter.uuid")
    task_code = serializers.CharField(source="matter.task_code")
    state = serializers.ChoiceField(choices=GuideDraft.State.choices)
    revision = serializers.IntegerField()
    document = serializers.DictField(help_text="matters/schema/guide-1.json without identity")
    problems = serializers.SerializerMethodField(help_text="what keeps it from being reviewed")

    @extend_schema(responses=ProblemShape(many=True))
    def get_problems(self, draft: GuideDraft) -> list[dict[str, str]]:
        found = problems(actions.complete(draft.matter, draft.document))
        return [{"path": each.path, "message": each.message} for each in found]


class DraftRequest(serializers.Serializer[Any]):
    revision = serializers.IntegerField(help_text="the one that was read")
    document = serializers.DictField()


class ListsView(GenericAPIView[Any]):
    """The implementation lists of the agencies for which one edits, with their open drafts."""

    audience, roles = "officer", (Role.EDITOR,)
    serializer_class = OwnListShape
    queryset = Matter.objects.none()

    @extend_schema(operation_id="catalogue_lists", responses=OwnListShape(many=True))
    def get(self, request: Request) -> Response:
        agencies = api_actor(request).agencies_with(Role.EDITOR)
        drafts = Prefetch("drafts", GuideDraft.objects.open().defer("document"), to_attr="open_drafts")
        rows = Matter.objects.visible_to(api_actor(request)).filter(agency__in=agencies)
        page = self.paginate_queryset(
            rows.select_related("agency").prefetch_related(drafts).order_by("task_code")
        )
        shown = [_listed(matter) for matter in page or ()]
        return self.get_paginated_response(OwnListShape(shown, many=True).data)


def _listed(matter: Any) -> dict[str, Any]:
    draft = next(iter(matter.open_drafts), None)
    return {
        "uuid": matter.uuid,
        "task_code": matter.task_code,
        "agency": matter.agency,
        "draft": draft and draft.uuid,
        "state": draft.state if draft else "",
    }


class ListDraftView(GenericAPIView[Any]):
    """Begin the draft of a list, or find the one that is open."""

    audience, roles = "officer", (Role.EDITOR,)
    serializer_class = DraftShape

    @extend_schema(request=None, responses=DraftShape)
    def post(self, request: Request, uuid: Any) -> Response:
        rows = Matter.objects.visible_to(api_actor(request)).select_related("agency__region", "directory")
        matter = get_object_or_404(rows, uuid=uuid)
        draft = editing.revise(matter, actor=api_actor(request), now=timezone.now())
        return Response(DraftShape(draft).data)


class DraftView(GenericAPIView[Any]):
    """A draft as JSON: read it, change the document, give it back with the revision that was read."""

    audience, roles = "officer", (Role.EDITOR, Role.REVIEWER)
    serializer_class = DraftShape

    def _draft(self, request: Request, uuid: Any) -> GuideDraft:
        rows = GuideDraft.objects.visible_to(api_actor(request))
        return get_object_or_404(
            rows.select_related("matter__agency__region", "matter__directory"), uuid=uuid
        )

    @extend_schema(responses=DraftShape)
    def get(self, request: Request, uuid: Any) -> Response:
        return Response(DraftShape(self._draft(request, uuid)).data)

    @extend_schema(request=DraftRequest, responses={200: DraftShape, 409: ConflictShape})
    def put(self, request: Request, uuid: Any) -> Response:
        draft = self._draft(request, uuid)
        given = DraftRequest(data=request.data)
        given.is_valid(raise_exception=True)
        document = given.validated_data["document"]
        if misshapen := importing.misshapen(document):
            raise ValidationError({"document": misshapen})
        try:
            draft = editing.save(
                draft, document, seen=given.validated_data["revision"], actor=api_actor(request), now=timezone.now()
            )  # fmt: skip
        except StaleDraft as stale:
            raise Conflict(str(stale)) from stale
        except DraftRefused as refused:
            raise Conflict(str(refused)) from refused
        return Response(DraftShape(draft).data)
