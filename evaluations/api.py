"""Ratings over the API: the same action, the same `visible_to` as the pages."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from applications.models import Application
from evaluations import actions
from evaluations.codes import Channel, Indicator, Level
from evaluations.figures import Figures, agency_figures, matter_figures
from evaluations.forms import MOST_WORDS
from evaluations.models import Rating
from support.accounts.api import api_actor
from support.places.models import Agency


class RatingShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField(read_only=True)
    stars = serializers.ChoiceField(choices=Level.choices, help_text="1 to 5, 5 best")
    tags = serializers.ListField(
        child=serializers.ChoiceField(choices=Indicator.choices), default=list, max_length=len(Indicator)
    )
    words = serializers.CharField(max_length=MOST_WORDS, default="", allow_blank=True)
    anonymous = serializers.BooleanField(default=False)
    channel = serializers.ChoiceField(choices=Channel.choices, read_only=True)
    created_at = serializers.DateTimeField(read_only=True)

    def validate_tags(self, tags: list[str]) -> list[str]:
        return list(dict.fromkeys(tags))


class CountsShape(serializers.Serializer[Any]):
    """`negative`, `good_rate`, `satisfaction` and `levels` are null where they would tell who rated how."""

    evaluable = serializers.IntegerField(help_text="finished cases that could be evaluated")
    rated = serializers.IntegerField()
    negative = serializers.IntegerField(allow_null=True, help_text="with one or two stars")
    good_rate = serializers.DecimalField(5, 1, allow_null=True, help_text="percent; null: no rating")
    satisfaction = serializers.DecimalField(
        5, 1, allow_null=True, help_text="stars given, percent of five for each rating; null: no rating"
    )
    participation = serializers.DecimalField(5, 1, allow_null=True, help_text="percent; null: no case")
    levels = serializers.SerializerMethodField(help_text="ratings by stars")

    @extend_schema_field(
        {"type": "object", "nullable": True, "additionalProperties": {"type": "integer"}},
    )
    def get_levels(self, figure: Figures) -> dict[str, int] | None:
        return None if figure.withheld else {str(level.value): figure.counts[level] for level in Level}

    def to_representation(self, figure: Figures) -> dict[str, Any]:
        told = super().to_representation(figure)
        if figure.withheld:
            told |= dict.fromkeys(("negative", "good_rate", "satisfaction"))
        return told


class FiguresShape(CountsShape):
    agency = serializers.UUIDField(source="agency.uuid")
    name = serializers.CharField(source="agency.name")
    region = serializers.CharField(source="agency.region_id")


class MatterFiguresShape(CountsShape):
    matter = serializers.UUIDField(source="matter.uuid")
    name = serializers.CharField()


class RatingView(GenericAPIView[Any]):
    """Evaluate a finished case of one's own, once; read what was given."""

    audience = "applicant"
    serializer_class = RatingShape

    @extend_schema(responses=RatingShape)
    def get(self, request: Request, uuid: Any) -> Response:
        given = get_object_or_404(Rating.objects.visible_to(api_actor(request)), case__uuid=uuid)
        return Response(RatingShape(given).data)

    @extend_schema(request=RatingShape, responses={201: RatingShape, 409: None})
    def post(self, request: Request, uuid: Any) -> Response:
        actor = api_actor(request)
        rows = Application.objects.visible_to(actor).select_related("guide")
        case = get_object_or_404(rows, uuid=uuid)
        shape = RatingShape(data=request.data)
        shape.is_valid(raise_exception=True)
        try:
            given = actions.rate(
                case, **shape.validated_data, channel=Channel.COMPUTER, actor=actor, now=timezone.now()
            )
        except actions.RatingRefused as refusal:
            return Response({"detail": str(refusal)}, status=409)
        return Response(RatingShape(given).data, status=201)


class FiguresView(GenericAPIView[Any]):
    """The public figures of the agencies."""

    audience = "public"
    authentication_classes = ()
    serializer_class = FiguresShape

    @extend_schema(responses=FiguresShape(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(agency_figures())
        return self.get_paginated_response(FiguresShape(page, many=True).data)


class AgencyFiguresView(GenericAPIView[Any]):
    """The public figures of the matters of one agency."""

    audience = "public"
    authentication_classes = ()
    serializer_class = MatterFiguresShape

    @extend_schema(responses=MatterFiguresShape(many=True))
    def get(self, request: Request, uuid: Any) -> Response:
        page = self.paginate_queryset(matter_figures(get_object_or_404(Agency, uuid=uuid)))
        return self.get_paginated_response(MatterFiguresShape(page, many=True).data)
