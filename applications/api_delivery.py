"""Papers of a case and their service over the API: what came how and when, the choice, the record."""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from applications import delivery
from applications.forms import DeliveryForm, HandoverForm
from applications.models import Application, Manner, Service, case_target
from support.accounts.api import api_actor
from support.records import actions as records


class DeliveryRequest(serializers.Serializer[Any]):
    delivery = serializers.ChoiceField(
        Manner.choices, help_text="electronic: consent to 电子送达（电子签名法 11）"
    )
    delivery_address = serializers.CharField(max_length=200, default="", help_text="for post")


class ServiceRequest(serializers.Serializer[Any]):
    seen = serializers.IntegerField(help_text="`last` of the papers looked at")
    documents = serializers.ListField(child=serializers.UUIDField(), max_length=50)
    outcome = serializers.ChoiceField(Service.Outcome.choices)
    manner = serializers.ChoiceField([Manner.WINDOW.value, Manner.POST.value])
    on = serializers.DateField(help_text="day of handing over or signing; not in the future")
    to_whom = serializers.CharField(max_length=50, default="", allow_blank=True)
    tracking = serializers.CharField(max_length=40, default="", allow_blank=True)
    note = serializers.CharField(max_length=300, default="", allow_blank=True)
    late_reason = serializers.CharField(
        max_length=300, default="", allow_blank=True, help_text="needed when served on a day before today"
    )


class ServiceShape(serializers.Serializer[Any]):
    manner = serializers.CharField()
    outcome = serializers.CharField()
    on = serializers.DateField(help_text="day from which terms are counted")
    at = serializers.DateTimeField(help_text="electronic: the moment of service; else when it was recorded")
    recorded_by = serializers.CharField(source="actor_name")
    late_reason = serializers.CharField(help_text="why it was not recorded on the day itself")


class PaperShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField(source="document.uuid")
    kind = serializers.CharField(source="document.kind")
    title = serializers.CharField(source="document.title")
    number = serializers.CharField(source="document.number")
    ready = serializers.BooleanField(source="document.is_ready")
    read_at = serializers.DateTimeField(source="document.read_at", allow_null=True)
    service = ServiceShape(allow_null=True)
    failed = ServiceShape(many=True)


class PapersShape(serializers.Serializer[Any]):
    delivery = serializers.CharField()
    last = serializers.IntegerField(help_text="give it back as `seen` when recording")
    papers = PaperShape(many=True)


class Conflict(serializers.Serializer[Any]):
    detail = serializers.CharField()


def in_words(form: forms.Form) -> dict[str, list[str]]:
    """The errors of a form by field, as the API says them."""
    return {key: [str(word) for word in words] for key, words in form.errors.items()}


def delivery_form(data: dict[str, Any]) -> DeliveryForm:
    """The choice in a request, checked as the page checks it. Raises ValidationError."""
    form = DeliveryForm({name: data[name] for name in ("delivery", "delivery_address")})
    if not form.is_valid():
        raise ValidationError(in_words(form))
    return form


class _View(GenericAPIView[Any]):
    audience = "member"

    def case(self, request: Request, uuid: Any) -> Application:
        rows = Application.objects.visible_to(api_actor(request))
        return get_object_or_404(rows.select_related("guide", "agency", "party"), uuid=uuid)

    def answer(self, case: Application, status: int = 200) -> Response:
        case.refresh_from_db(fields=["delivery"])
        shape = {
            "delivery": case.delivery,
            "last": delivery.last_service(case),
            "papers": delivery.papers_of(case),
        }
        return Response(PapersShape(shape).data, status=status)


class PapersView(_View):
    """The papers of one case, and how and when each was served."""

    serializer_class = PapersShape

    @extend_schema(responses=PapersShape)
    def get(self, request: Request, uuid: Any) -> Response:
        case = self.case(request, uuid)
        records.write(
            "read.case", actor=api_actor(request), target=case_target(case), subject_id=case.party_id,
            agency_id=case.agency_id,
        )  # fmt: skip
        return self.answer(case)


class DeliveryView(_View):
    """Change how the papers not yet served come. 409: refused, in words."""

    serializer_class = DeliveryRequest

    @extend_schema(request=DeliveryRequest, responses={200: PapersShape, 409: Conflict})
    def post(self, request: Request, uuid: Any) -> Response:
        case = self.case(request, uuid)
        shape = DeliveryRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        wish = delivery_form(shape.validated_data).wish()
        try:
            delivery.choose(case, wish, actor=api_actor(request), now=timezone.now())
        except delivery.DeliveryRefused as refusal:
            return Response({"detail": str(refusal)}, status=409)
        return self.answer(case)


class ServicesView(_View):
    """Record that papers were handed over, or could not be. 409: refused, in words."""

    serializer_class = ServiceRequest

    @extend_schema(request=ServiceRequest, responses={201: PapersShape, 409: Conflict})
    def post(self, request: Request, uuid: Any) -> Response:
        actor = api_actor(request)
        case = self.case(request, uuid)
        if not delivery.may_record(case, actor):
            raise NotFound
        shape = ServiceRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        papers = {row.document.uuid: row.document.pk for row in delivery.papers_of(case)}
        known = [(pk, "") for pk in papers.values()]
        named = [str(papers.get(uuid, 0)) for uuid in shape.validated_data["documents"]]
        form = HandoverForm(known, {**shape.validated_data, "documents": named, **_day(shape.validated_data)})
        if not form.is_valid():
            raise ValidationError(in_words(form))
        seen = form.cleaned_data["seen"]
        try:
            delivery.record(case, form.handover(), actor=actor, seen=seen, now=timezone.now())
        except delivery.DeliveryRefused as refusal:
            return Response({"detail": str(refusal)}, status=409)
        return self.answer(case, 201)


def _day(data: dict[str, Any]) -> dict[str, str]:
    return {
        "on_year": f"{data['on'].year:04d}",
        "on_month": str(data["on"].month),
        "on_day": str(data["on"].day),
    }
