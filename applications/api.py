"""Cases over the API: the same door, the same `visible_to` as the pages."""

from dataclasses import replace
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from applications import actions, clock, filing, regimes, shown
from applications.acts import Inputs
from applications.api_delivery import delivery_form, in_words
from applications.corrections.acts import LONGEST, Item, Judgement
from applications.forms import StepForm
from applications.models import Application, CorrectionItem, Manner, case_target
from applications.permissions import may_take
from applications.step_forms import FORMS
from applications.workflow import STEPS, Step, StepRefused
from matters.models import Matter
from support.accounts.api import api_actor
from support.documents.actions import UploadRefused, store_upload
from support.documents.models import Upload
from support.records import actions as records


class UploadRequest(serializers.Serializer[Any]):
    file = serializers.FileField()


class UploadShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    name = serializers.CharField(source="original_name")
    content_type = serializers.CharField()
    size = serializers.IntegerField()


class FileRequest(serializers.Serializer[Any]):
    matter = serializers.UUIDField()
    answers = serializers.DictField()
    declare = serializers.BooleanField(help_text="true: 申请人声明内容和材料真实有效（行政许可法 31）")
    delivery = serializers.ChoiceField(
        Manner.choices, default=Manner.WINDOW,
        help_text="electronic: 申请人同意电子送达（电子签名法 11）; without consent papers wait at the window",
    )  # fmt: skip
    delivery_address = serializers.CharField(max_length=200, default="", help_text="for post")
    situations = serializers.DictField(
        child=serializers.CharField(max_length=40), required=False,
        help_text="情形: key → value of every question in the guide's `situations`; they decide which materials"
        " are asked for, and no others are taken",
    )  # fmt: skip
    materials = serializers.DictField(
        child=serializers.ListField(child=serializers.UUIDField(), max_length=50), required=False
    )
    deferred = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=50, required=False,
        help_text="容缺: keys of deferrable materials that the applicant chooses to hand in after acceptance, knowing"
        " the term and that without them nothing is granted",
    )  # fmt: skip


class ItemRequest(serializers.Serializer[Any]):
    target = serializers.ChoiceField(CorrectionItem.Target.choices)
    key = serializers.CharField(max_length=60, help_text="of a material or a field of the pinned guide")
    why = serializers.CharField(max_length=LONGEST)
    how = serializers.CharField(max_length=LONGEST)


class JudgementRequest(serializers.Serializer[Any]):
    item = serializers.IntegerField(help_text="its id in the correction")
    met = serializers.BooleanField()
    reason = serializers.CharField(max_length=LONGEST, default="", help_text="needed where it is not met")


class StepRequest(serializers.Serializer[Any]):
    seen = serializers.IntegerField(help_text="the revision looked at")
    reasons = serializers.CharField(required=False)
    verdict = serializers.CharField(required=False)
    where_to_go = serializers.CharField(required=False)
    items = ItemRequest(many=True, required=False, help_text="request_correction: the whole list, once")
    days = serializers.IntegerField(
        required=False,
        help_text="working days; start_procedure, prolong_procedure: in the unit of the guide's list",
    )  # fmt: skip
    procedure = serializers.CharField(required=False, help_text="start_procedure: its key in the guide")
    result = serializers.CharField(required=False, help_text="end_procedure: met, unmet or none")
    opinion = serializers.CharField(required=False, help_text="end_procedure: what was found")
    unit = serializers.CharField(required=False, help_text="end_procedure: who carried it out")
    handler = serializers.CharField(required=False, help_text="end_procedure: the person in charge there")
    ended_on = serializers.DateField(required=False, help_text="end_procedure: the day it was over in fact")
    judgements = JudgementRequest(
        many=True, required=False, help_text="refuse_corrected, confirm_deferred: one for every item"
    )  # fmt: skip
    deferred = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="hand_in_deferred: ids of the deferred materials"
    )  # fmt: skip
    apart = serializers.BooleanField(
        required=False, help_text="refuse: the reasons do not rest on materials that may still be handed in (容缺)"
    )  # fmt: skip


class LawDate(serializers.DateTimeField):
    """A date of the case in law at this instant, which may not be written yet; see `clock.dates`."""

    def __init__(self) -> None:
        super().__init__(allow_null=True, read_only=True)

    def get_attribute(self, instance: Application) -> Any:
        return getattr(clock.dates(instance, self.context["now"]), str(self.field_name))


class CaseShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    number = serializers.CharField()
    matter = serializers.UUIDField(source="matter.uuid")
    matter_name = serializers.CharField(source="guide.guide.name")
    guide_version = serializers.IntegerField(source="guide.version")
    agency = serializers.CharField(source="agency.name")
    applicant = serializers.CharField(source="party.name")
    state = serializers.SerializerMethodField(help_text="state in law at this instant")
    state_words = serializers.SerializerMethodField(help_text="what cases of this kind call it")
    act = serializers.SerializerMethodField(
        help_text="kind of act: licence, confirmation, benefit, filing, service …"
    )
    delivery = serializers.CharField()
    situations = serializers.DictField(
        child=serializers.CharField(), help_text="情形: the answers under which materials were asked for"
    )
    revision = serializers.IntegerField()
    received_at = serializers.DateTimeField()
    accepted_at = LawDate()
    acceptance_due_at = LawDate()
    promised_due_at = LawDate()
    statutory_due_at = LawDate()
    decided_at = serializers.DateTimeField(allow_null=True)
    steps = serializers.SerializerMethodField(help_text="steps this caller may take now")

    def get_state(self, case: Application) -> str:
        return clock.standing(case, self.context["now"]).value

    def get_state_words(self, case: Application) -> str:
        return str(shown.standing(case, self.context["now"]).label)

    def get_act(self, case: Application) -> str:
        return regimes.act_of(case.guide.guide)

    def get_steps(self, case: Application) -> list[str]:
        return [s.name for s in actions.available(case, self.context["actor"], now=self.context["now"])]


class RefusedStep(serializers.Serializer[Any]):
    detail = serializers.CharField()
    case = CaseShape(help_text="as it is now")


def _rows(request: Request) -> Any:
    rows = Application.objects.visible_to(api_actor(request))
    return rows.select_related("guide", "matter", "agency", "party")


def _shape(request: Request, case: Application) -> dict[str, Any]:
    return CaseShape(case, context={"now": timezone.now(), "actor": api_actor(request)}).data


class UploadsView(GenericAPIView[Any]):
    """Hand in one page; its uuid is then named in the filing."""

    audience = "applicant"
    serializer_class = UploadRequest
    parser_classes = [MultiPartParser]

    @extend_schema(request=UploadRequest, responses={201: UploadShape})
    def post(self, request: Request) -> Response:
        shape = UploadRequest(data=request.data)
        if not shape.is_valid():
            raise ValidationError({"file": [_("请附上文件。")]})
        actor = api_actor(request)
        if actor.party_id is None:
            raise ValidationError({"": [_("请先补全您的实名信息，再开始办理。")]})
        try:
            upload = store_upload(
                shape.validated_data["file"], actor=actor, party_id=actor.party_id, now=timezone.now()
            )
        except UploadRefused as refusal:
            raise ValidationError({"file": [str(refusal)]}) from refusal
        return Response(UploadShape(upload).data, status=status.HTTP_201_CREATED)


class CasesView(GenericAPIView[Any]):
    """File a case; list those the caller may know of."""

    audience = "member"
    serializer_class = CaseShape

    @extend_schema(responses=CaseShape(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(_rows(request).order_by("-received_at", "-id"))
        context = {"now": timezone.now(), "actor": api_actor(request)}
        records.write(
            "read.cases", actor=api_actor(request), target="applications.list",
            details={"cases": [case.pk for case in page or []]},
        )  # fmt: skip
        return self.get_paginated_response(CaseShape(page, many=True, context=context).data)

    @extend_schema(
        request=FileRequest,
        responses={200: CaseShape, 201: CaseShape, 404: None},
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                required=True,
                description="the same key gives the same case, however often it is sent",
            )  # fmt: skip
        ],
    )
    def post(self, request: Request) -> Response:
        actor = api_actor(request)
        if not actor.is_applicant or actor.party_id is None:
            raise ValidationError({"": [_("请以已实名的个人或企业身份申请。")]})
        key = request.headers.get("Idempotency-Key", "")
        if not 8 <= len(key) <= 60:
            raise ValidationError({"Idempotency-Key": [_("请提供 8 至 60 个字符的唯一提交标识。")]})
        shape = FileRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        if not shape.validated_data["declare"]:
            raise ValidationError({"declare": [_("请先确认声明，再提交。")]})
        wished = delivery_form(shape.validated_data)
        matter = get_object_or_404(
            Matter.objects.select_related("agency"), uuid=shape.validated_data["matter"]
        )
        full_key = f"{actor.party_id}:{key}"
        known = _rows(request).filter(key=full_key).exists()
        try:
            case = filing.submit(
                matter, shape.validated_data["answers"], _uploads(request, shape.validated_data),
                key=full_key, actor=actor, now=timezone.now(), wish=wished.wish(),
                situations=shape.validated_data.get("situations", {}),
                deferred=shape.validated_data.get("deferred", ()),
            )  # fmt: skip
        except filing.FilingRefused as refusal:
            raise ValidationError(refusal.errors) from refusal
        case = _rows(request).get(pk=case.pk)
        return Response(_shape(request, case), status=200 if known else 201)


def _uploads(request: Request, data: dict[str, Any]) -> dict[str, list[Upload]]:
    """The named uploads of the caller's own party; an unknown one is refused, not ignored."""
    wanted = data.get("materials", {})
    own = Upload.objects.visible_to(api_actor(request))
    found = {u.uuid: u for u in own.filter(uuid__in=[x for pages in wanted.values() for x in pages])}
    result: dict[str, list[Upload]] = {}
    for key, pages in wanted.items():
        if any(page not in found for page in pages):
            raise ValidationError({key: [_("没有找到这份上传的文件。")]})
        result[key] = [found[page] for page in pages]
    return result


class CaseView(GenericAPIView[Any]):
    """One case as the caller may see it."""

    audience = "member"
    serializer_class = CaseShape

    @extend_schema(responses=CaseShape)
    def get(self, request: Request, uuid: Any) -> Response:
        case = get_object_or_404(_rows(request), uuid=uuid)
        records.write(
            "read.case", actor=api_actor(request), target=case_target(case), subject_id=case.party_id,
            agency_id=case.agency_id,
        )  # fmt: skip
        return Response(_shape(request, case))


def _general_inputs(step: Step, case: Application, given: dict[str, Any]) -> Inputs:
    form = StepForm(step, case, given)
    if not form.is_valid():
        raise ValidationError(in_words(form))
    return form.inputs()


def _inputs(step: Step, case: Application, given: dict[str, Any]) -> Inputs:
    if step.name == "refuse":
        return replace(_general_inputs(step, case, given), more={"apart": given.get("apart")})
    own = step.name in FORMS or step.name == "hand_in_deferred"
    return _own_inputs(given) if own else _general_inputs(step, case, given)


def _own_inputs(given: dict[str, Any]) -> Inputs:
    """What the own part of a step asks for; it judges everything itself."""
    names = ("days", "procedure", "result", "opinion", "unit", "handler", "ended_on", "deferred")
    more: dict[str, Any] = {name: given.get(name) for name in names}
    more["items"] = [Item(**item) for item in given.get("items", ())]
    more["judgements"] = [Judgement(**judgement) for judgement in given.get("judgements", ())]
    return Inputs(reasons=given.get("reasons", ""), more=more)


class StepView(GenericAPIView[Any]):
    """Take one step of the workflow. 409: refused; the answer says why and gives the case as it is."""

    audience = "member"
    serializer_class = StepRequest

    @extend_schema(request=StepRequest, responses={200: CaseShape, 409: RefusedStep})
    def post(self, request: Request, uuid: Any, name: str) -> Response:
        case = get_object_or_404(_rows(request), uuid=uuid)
        if name not in STEPS or not may_take(api_actor(request), case, STEPS[name]):
            raise NotFound
        step = regimes.step(name, case.guide.guide)
        shape = StepRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        try:
            actions.take(
                name, case, actor=api_actor(request), seen=given["seen"], at=timezone.now(),
                inputs=_inputs(step, case, given),
            )  # fmt: skip
        except StepRefused as refusal:
            case = get_object_or_404(_rows(request), uuid=uuid)
            return Response({"detail": str(refusal), "case": _shape(request, case)}, status=409)
        return Response(_shape(request, _rows(request).get(pk=case.pk)))
