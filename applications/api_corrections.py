"""The correction notice of a case over the API: its items, and the answers handed in piece by piece."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from applications.corrections import answers
from applications.corrections.acts import name_of
from applications.models import Application, CorrectionItem, case_target
from support.accounts.api import api_actor
from support.documents.actions import UploadRefused
from support.documents.models import Upload
from support.records import actions as records


class ItemShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    target = serializers.CharField(help_text="material or field")
    key = serializers.CharField()
    name = serializers.SerializerMethodField()
    why = serializers.CharField()
    how = serializers.CharField()
    answered = serializers.SerializerMethodField()
    met = serializers.BooleanField(allow_null=True)
    judged = serializers.CharField()

    def get_name(self, item: CorrectionItem) -> str:
        return name_of(self.context["case"].guide.said, item.target, item.key)

    def get_answered(self, item: CorrectionItem) -> bool:
        return item.pk not in self.context["open"]


class CorrectionShape(serializers.Serializer[Any]):
    told_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="the instant after the last day")
    items = ItemShape(many=True)


class AnswersRequest(serializers.Serializer[Any]):
    answers = serializers.DictField(required=False, help_text="by field; null takes an answer back")
    materials = serializers.DictField(
        child=serializers.ListField(child=serializers.UUIDField(), max_length=50), required=False,
        help_text="uploads by material, added to those that are there",
    )  # fmt: skip


class CorrectionView(GenericAPIView[Any]):
    """The one notice of a case. POST keeps answers; the step `supplement` hands all of them in."""

    audience = "member"
    serializer_class = AnswersRequest

    @extend_schema(responses={200: CorrectionShape, 404: None})
    def get(self, request: Request, uuid: Any) -> Response:
        case = self._case(request, uuid)
        records.write(
            "read.case", actor=api_actor(request), target=case_target(case), subject_id=case.party_id,
            agency_id=case.agency_id,
        )  # fmt: skip
        return Response(_shape(case))

    @extend_schema(request=AnswersRequest, responses={200: CorrectionShape, 404: None})
    def post(self, request: Request, uuid: Any) -> Response:
        case = self._case(request, uuid)
        if not api_actor(request).is_applicant:
            raise ValidationError({"": [_("只有申请人可以补正。")]})
        shape = AnswersRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        try:
            _keep(request, case, shape.validated_data)
        except answers.NotOpen as closed:
            raise ValidationError({"": [str(closed)]}) from closed
        return Response(_shape(self._case(request, uuid)))

    def _case(self, request: Request, uuid: Any) -> Application:
        rows = Application.objects.visible_to(api_actor(request)).filter(correction__isnull=False)
        return get_object_or_404(rows.select_related("guide", "correction", "agency"), uuid=uuid)


def _items(case: Application) -> list[CorrectionItem]:
    return list(case.correction.items.prefetch_related("files"))


def _shape(case: Application) -> Any:
    items = _items(case)
    closed = case.supplemented_at is not None
    still = set() if closed else {item.pk for item in answers.still_open(case, items)}
    shown = {"told_at": case.correction.told_at, "due_at": case.correction_due_at, "items": items}
    return CorrectionShape(shown, context={"case": case, "open": still}).data


def _keep(request: Request, case: Application, given: dict[str, Any]) -> None:
    items = _items(case)
    values = given.get("answers", {})
    form = answers.form(case, items)
    if unknown := values.keys() - form.definitions.keys():
        raise ValidationError({key: [_("告知书没有要求补正这一项。")] for key in unknown})
    bound = form.filled({key: value for key, value in values.items() if value is not None})
    wrong = {key: list(words) for key, words in bound.errors.items() if values.get(key) is not None}
    if wrong:
        raise ValidationError(wrong)
    kept = {key: value for key, value in bound.to_json().items() if key in values}
    _attach(request, case, items, given.get("materials", {}))
    answers.save(case, kept, emptied=[key for key in values if key not in kept])


def _attach(request: Request, case: Application, items: list[CorrectionItem], materials: Any) -> None:
    wanted = {item.key: item for item in items if item.target != answers.FIELD}
    own = Upload.objects.visible_to(api_actor(request))
    for key, uuids in materials.items():
        found = {upload.uuid: upload for upload in own.filter(uuid__in=uuids)}
        if key not in wanted:
            raise ValidationError({key: [_("告知书没有要求补正这一项。")]})
        if len(found) != len(uuids):
            raise ValidationError({key: [_("没有找到这份上传的文件。")]})
        try:
            answers.hold(case, wanted[key], list(found.values()))
        except UploadRefused as refusal:
            raise ValidationError({key: [str(refusal)]}) from refusal
