"""Certificates of the caller, and verification for anybody."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, generics, parsers, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from certificates import actions
from certificates.forms import VerifyForm
from certificates.models import Certificate, CertificateQuerySet
from certificates.throttle import CHECKS_PER_WINDOW, FILES_PER_WINDOW, admitted
from support.accounts.api import api_actor
from support.records import actions as records


class CertificateShape(serializers.Serializer[Certificate]):
    uuid = serializers.UUIDField()
    type_code = serializers.CharField(source="type_id", help_text="证照类型代码，21 位")
    name = serializers.CharField(source="type.name")
    number = serializers.CharField()
    identifier = serializers.CharField(help_text="电子证照标识")
    version = serializers.IntegerField()
    state = serializers.SerializerMethodField(help_text="按今天读出的状态：00 出证中，01 有效，05 失效 …")
    holder = serializers.CharField(source="holder_name")
    issuer = serializers.CharField(source="agency.name")
    case_number = serializers.CharField()
    issued_on = serializers.DateField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True, help_text="最后一日；空为长期")
    file = serializers.SerializerMethodField(help_text="签名 PDF 的路径；出证中为空")

    def get_state(self, certificate: Certificate) -> str:
        return str(certificate.state_at(timezone.localdate()).value)

    def get_file(self, certificate: Certificate) -> str:
        if not certificate.document.is_ready:
            return ""
        return reverse("documents:document", args=[certificate.document.uuid])


class CheckShape(serializers.Serializer[actions.Check]):
    found = serializers.BooleanField(help_text="本平台签发过")
    valid = serializers.BooleanField(source="is_valid")
    words = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    holder = serializers.CharField(help_text="自然人只给出姓氏")
    issuer = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    valid_from = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)


class VerdictShape(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=actions.Finding.choices)
    words = serializers.CharField()
    check = CheckShape(allow_null=True, help_text="只有原件才给出")


class FileShape(serializers.Serializer[Any]):
    file = serializers.FileField()


class Certificates(generics.ListAPIView[Certificate]):
    """The certificates held by the party acted for, the newest first."""

    audience = "applicant"
    serializer_class = CertificateShape
    queryset = Certificate.objects.none()  # for the schema

    def get_queryset(self) -> CertificateQuerySet:
        rows = Certificate.objects.visible_to(api_actor(self.request))
        return rows.select_related("type", "agency", "document")

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        actor = api_actor(self.request)
        records.write(
            "read.certificates", actor=actor, target="certificates.certificate", subject_id=actor.party_id,
            details={"ids": [certificate.pk for certificate in page or []]},
        )  # fmt: skip
        return page


class VerifyCode(APIView):
    """What the code printed on a certificate or paper stands for."""

    audience = "public"

    @extend_schema(responses={200: CheckShape, 404: OpenApiResponse(CheckShape), 429: None})
    def get(self, request: Request, code: str) -> Response:
        refuse_flood(request, "check", CHECKS_PER_WINDOW)
        found = actions.check_code(code, timezone.now(), actor=api_actor(request))
        return Response(CheckShape(found).data, status=200 if found.found else 404)


class VerifyFile(APIView):
    """What a PDF is: our unchanged original, or not. The file is not kept."""

    audience = "public"
    parser_classes = (parsers.MultiPartParser,)

    @extend_schema(request={"multipart/form-data": FileShape}, responses={200: VerdictShape, 429: None})
    def post(self, request: Request) -> Response:
        refuse_flood(request, "file", FILES_PER_WINDOW)
        form = VerifyForm({}, request.FILES)
        if not form.is_valid():
            raise exceptions.ValidationError(
                {name: [str(words) for words in errors] for name, errors in form.errors.items()}
            )
        data = form.cleaned_data["file"].read()
        verdict, found = actions.check_file(data, timezone.now(), actor=api_actor(request))
        shape = VerdictShape({"verdict": verdict.kind, "words": verdict.words, "check": found})
        return Response(shape.data)


def refuse_flood(request: Request, what: str, limit: int) -> None:
    if not admitted(request._request, what, limit, timezone.now()):
        raise exceptions.Throttled(detail=_("核验次数太多，请一分钟后再试。"))
