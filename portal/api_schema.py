"""What the description of the API says of every operation besides its own: hats, and answers when it fails."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

DESCRIPTIONS = {
    400: _("请求内容有误"),
    401: _("没有登录，或者令牌无效"),
    403: _("以现在的身份不能这样做"),
    404: _("没有，或者不为您所见"),
    406: _("只提供 JSON"),
    409: _("现在不能这样做"),
    411: _("没有注明内容长度"),
    413: _("内容过大"),
    415: _("不接受这种格式"),
    429: _("次数太多，请稍后再试"),
}


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "support.accounts.api.Token"


class Refused(serializers.Serializer[Any]):
    """Why not, in the reader's words."""

    detail = serializers.CharField()


class Mistakes(serializers.Serializer[Any]):
    """What is wrong, by field; the key of an inner field is `outer.inner`, of the whole it is empty."""

    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class Schema(AutoSchema):  # type: ignore[no-untyped-call]
    """Every operation's failures have one shape (`portal.api.problem`); one that is its own is named as
    `responses={409: None}`."""

    def get_override_parameters(self) -> list[Any]:
        if not self.view.get_authenticators():
            return []
        words = "the hat to wear: a `value` of `me/`; without it, the user's first"
        return [OpenApiParameter("X-Acting-As", str, OpenApiParameter.HEADER, description=words)]

    def get_auth(self) -> list[dict[str, Any]]:
        auths: list[dict[str, Any]] = super().get_auth()
        return [*auths, {}] if getattr(self.view, "audience", "") == "public" and auths else auths

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation:
            told = operation["responses"]
            named = {int(status) for status, answer in told.items() if "content" not in answer}
            own = {status for status in named if status in DESCRIPTIONS}
            for status in sorted(own | self._failures(operation) - {int(status) for status in told}):
                told[str(status)] = self._failure(status)
        return operation

    def _failures(self, operation: dict[str, Any]) -> set[int]:
        found = {406}
        if self.view.get_authenticators():
            found |= {401, 403}
        if "requestBody" in operation:
            found |= {400, 411, 413, 415}
        if any(parameter["in"] == "path" for parameter in operation.get("parameters", ())):
            found.add(404)
        if self.view.get_throttles():
            found.add(429)
        return found

    def _failure(self, status: int) -> dict[str, Any]:
        refused = self._shape(Refused).ref
        shape = {"oneOf": [refused, self._shape(Mistakes).ref]} if status == 400 else refused
        return {
            "content": {"application/json": {"schema": shape}},
            "description": str(DESCRIPTIONS[status]),
        }

    def _shape(self, shape: type[serializers.Serializer[Any]]) -> ResolvedComponent:
        found: ResolvedComponent = self.resolve_serializer(shape(), "response")
        return found
