"""窗口代录 over the API: terminals and departmental systems file at the counter under an officer's hat.

The same drafts as the pages: begin one for an applicant, hand in files, submit. Submitting twice gives the
same case.
"""

from typing import Any

from django.core.exceptions import ValidationError as Refused
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from applications import counter, drafts, filing
from applications.api import CaseShape, UploadShape
from applications.api_delivery import delivery_form, in_words
from applications.counter import Copies
from applications.counter_forms import AGENT, SELF, ApplicantForm
from applications.models import Application, Draft, Manner
from applications.permissions import is_own
from matters.models import GuideVersion
from support.accounts.api import api_actor
from support.accounts.models import Party
from support.accounts.window import FOREIGN, OWN
from support.documents.actions import UploadRefused
from support.places.models import Role


class IntakeRequest(serializers.Serializer[Any]):
    matter = serializers.UUIDField()
    kind = serializers.ChoiceField(Party.Kind.choices)
    name = serializers.CharField(max_length=100)
    number = serializers.CharField(max_length=60, help_text="identity number or 统一社会信用代码")
    phone = serializers.CharField(max_length=60, default="", allow_blank=True)
    address = serializers.CharField(max_length=200, default="", allow_blank=True)
    present = serializers.ChoiceField(
        [SELF, AGENT], help_text="self: the applicant or the head of the organisation stands there"
    )
    agent_name = serializers.CharField(max_length=50, default="", allow_blank=True)
    agent_number = serializers.CharField(max_length=60, default="", allow_blank=True)
    mandate = serializers.CharField(
        max_length=100, default="", allow_blank=True, help_text="the document that shows the mandate, dated"
    )
    account = serializers.ChoiceField(
        [OWN, FOREIGN], required=False,
        help_text="asked for (400) where an unchecked account has the number: whether it is the applicant's",
    )  # fmt: skip
    seen = serializers.BooleanField(help_text="true: the identity documents have been seen")


class WindowDraftShape(serializers.Serializer[Any]):
    uuid = serializers.UUIDField()
    matter = serializers.UUIDField(source="matter.uuid")
    guide_version = serializers.IntegerField(source="guide.version")
    expires_at = serializers.DateTimeField()


class FileOfMaterial(serializers.Serializer[Any]):
    material = serializers.CharField(max_length=60, help_text="key of a material of the guide")
    file = serializers.FileField()


class CopiesShape(serializers.Serializer[Any]):
    original = serializers.IntegerField(min_value=0, max_value=99, default=0)
    copy = serializers.IntegerField(min_value=0, max_value=99, default=0)  # type: ignore[assignment]


class WindowFiling(serializers.Serializer[Any]):
    answers = serializers.DictField()
    situations = serializers.DictField(
        child=serializers.CharField(max_length=40), required=False,
        help_text="情形: key → value of every question in the guide's `situations`",
    )  # fmt: skip
    papers = serializers.DictField(
        child=CopiesShape(), required=False,
        help_text="sheets received on paper, by key of the material; left out: those noted before",
    )  # fmt: skip
    deferred = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=50, required=False,
        help_text="容缺: keys of deferrable materials that the applicant chooses to hand in after acceptance",
    )  # fmt: skip
    delivery = serializers.ChoiceField(Manner.choices)
    delivery_address = serializers.CharField(max_length=200, default="", help_text="for post")
    read_back = serializers.BooleanField(help_text="true: 申请人（经办人）已核对并签名")


class _View(GenericAPIView[Any]):
    audience = "officer"
    roles = (Role.CLERK,)

    def draft(self, request: Request, uuid: Any) -> Draft:
        rows = Draft.objects.visible_to(api_actor(request)).live(timezone.now())
        draft = get_object_or_404(rows.select_related("guide", "matter__agency", "party"), uuid=uuid)
        if is_own(draft.party_id, api_actor(request)):
            raise NotFound
        return draft


class WindowDraftsView(_View):
    """Begin a draft of the window for an applicant, or go on with the one begun there."""

    serializer_class = IntakeRequest

    @extend_schema(request=IntakeRequest, responses={201: WindowDraftShape})
    def post(self, request: Request) -> Response:
        shape = IntakeRequest(data=request.data)
        shape.is_valid(raise_exception=True)
        now, actor = timezone.now(), api_actor(request)
        wanted = shape.validated_data
        rows = GuideVersion.objects.open_at(now).filter(matter__uuid=wanted["matter"])
        version = rows.select_related("matter__agency").first()
        if version is None:
            raise ValidationError({"matter": [_("此事项目前不开放申请。")]})
        if refused := counter.objections(version, None, counter.AtWindow({}), actor):
            raise PermissionDenied(refused[""][0])
        form = ApplicantForm(version.guide.audiences, {**wanted, "seen": "on" if wanted["seen"] else ""})
        if not form.is_valid():
            raise ValidationError(in_words(form))
        try:
            draft = counter.start(version, form.visitor(), form.agent(), actor=actor, now=now)
        except Refused as refusal:
            form.refuse(refusal)
            raise ValidationError(in_words(form)) from refusal
        return Response(WindowDraftShape(draft).data, status=status.HTTP_201_CREATED)


class WindowDraftView(_View):
    """Really delete a draft of the window and its files."""

    serializer_class = WindowDraftShape

    @extend_schema(responses={204: None})
    def delete(self, request: Request, uuid: Any) -> Response:
        draft = self.draft(request, uuid)
        counter.note("draft.discard", draft, actor=api_actor(request), now=timezone.now())
        drafts.discard(draft)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WindowFilesView(_View):
    """Hand in one page of a material that the guide takes as a file."""

    serializer_class = FileOfMaterial
    parser_classes = [MultiPartParser]

    @extend_schema(request=FileOfMaterial, responses={201: UploadShape})
    def post(self, request: Request, uuid: Any) -> Response:
        draft, now = self.draft(request, uuid), timezone.now()
        shape = FileOfMaterial(data=request.data)
        shape.is_valid(raise_exception=True)
        key = shape.validated_data["material"]
        if all(m.key != key or not m.as_file for m in draft.guide.guide.at_window):
            raise ValidationError({"material": [_("办事指南没有要求这份材料。")]})
        try:
            item = drafts.attach(draft, key, shape.validated_data["file"], actor=api_actor(request), now=now)
        except UploadRefused as refusal:
            raise ValidationError({"file": [str(refusal)]}) from refusal
        except Draft.DoesNotExist as gone:
            raise NotFound from gone
        counter.note("draft.write", draft, actor=api_actor(request), now=now, page="materials")
        return Response(UploadShape(item.upload).data, status=status.HTTP_201_CREATED)


class WindowFilingView(_View):
    """File the draft. Refused, it is kept with what was sent; filed already, the same case comes back."""

    serializer_class = WindowFiling

    @extend_schema(request=WindowFiling, responses={200: CaseShape, 201: CaseShape})
    def post(self, request: Request, uuid: Any) -> Response:
        actor, now = api_actor(request), timezone.now()
        if filed := Application.objects.visible_to(actor).filter(key=str(uuid)).first():
            return self._answer(request, filed, status.HTTP_200_OK)
        draft = self.draft(request, uuid)
        shape = WindowFiling(data=request.data)
        shape.is_valid(raise_exception=True)
        given = shape.validated_data
        if not given["read_back"]:
            raise ValidationError({"read_back": [_("请先读给申请人听或者请申请人核对，签名后再提交。")]})
        wish = delivery_form(given).wish()
        counter.note("draft.write", draft, actor=actor, now=now, page="check")
        version = GuideVersion.objects.open_at(now).filter(matter=draft.matter_id).first()
        if version:
            draft = drafts.renew(draft, version)
        if "situations" in given:
            draft = drafts.save_situations(draft, given["situations"], done=True, now=now)
        try:
            if "papers" in given:
                sheets = {key: Copies(**counts) for key, counts in given["papers"].items()}
                counter.keep_sheets(draft, sheets)
            if "deferred" in given:
                drafts.save_deferred(draft, {*draft.deferred, *given["deferred"]}, given["deferred"])
            drafts.write_answers(draft, {**drafts.read_answers(draft), **given["answers"]}, now=now)
            case = filing.submit_draft(draft, actor=actor, now=now, wish=wish)
        except Draft.DoesNotExist as gone:
            raise NotFound from gone
        except filing.FilingRefused as refusal:
            raise ValidationError(refusal.errors) from refusal
        return self._answer(request, case, status.HTTP_201_CREATED)

    def _answer(self, request: Request, case: Application, code: int) -> Response:
        rows = Application.objects.visible_to(api_actor(request))
        case = rows.select_related("guide", "matter", "agency", "party").get(pk=case.pk)
        context = {"now": timezone.now(), "actor": api_actor(request)}
        return Response(CaseShape(case, context=context).data, status=code)
