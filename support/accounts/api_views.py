"""Tokens for API clients, and who one is."""

from typing import Any

from django.contrib.auth import authenticate
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from support.accounts import actions
from support.accounts.api import api_hats
from support.accounts.attempts import address_may_try, forget_try, too_many
from support.accounts.masking import mask_number, mask_phone
from support.accounts.models import Party
from support.accounts.serializers import Credentials, Me, Token


class Tokens(APIView):
    """Exchange user name and password for a token. Five wrong passwords lock, as on the login page."""

    audience = "public"
    authentication_classes = ()
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "token"

    def get_authenticate_header(self, request: Request) -> str:
        return "Token"

    @extend_schema(request=Credentials, responses={201: Token, 401: None})
    def post(self, request: Request) -> Response:
        if not address_may_try(request._request):
            raise exceptions.Throttled(detail=too_many())
        given = Credentials(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request._request, **given.validated_data)
        if user is None:
            actions.login_failed(given.validated_data["username"], now=timezone.now())
            raise exceptions.AuthenticationFailed(_("用户名或密码不正确"))
        forget_try(request._request)
        row, token = actions.issue_token(user, now=timezone.now())
        return Response(Token({"token": token, "expiry": row.expiry}).data, status=201)


class CurrentToken(APIView):
    """End the token with which the request is made."""

    audience = "member"

    @extend_schema(request=None, responses={204: None, 400: None})
    def delete(self, request: Request) -> Response:
        if not isinstance(request.auth, AuthToken):
            raise exceptions.ValidationError({"token": [_("此请求未使用令牌")]})
        actions.end_token(request.auth, now=timezone.now())
        return Response(status=204)


class MeView(APIView):
    """Under which hat the client acts (header X-Acting-As), the party acted for, and the other hats."""

    audience = "member"

    @extend_schema(responses=Me)
    def get(self, request: Request) -> Response:
        worn, hats = api_hats(request)
        party = Party.objects.visible_to(worn.actor).first()
        shown = {
            "kind": worn.actor.kind,
            "name": worn.actor.name,
            "party": party and _masked(party),
            "hat": worn.value,
            "hats": hats,
        }
        return Response(Me(shown).data)


def _masked(party: Party) -> dict[str, Any]:
    return {
        "uuid": party.uuid,
        "kind": party.kind,
        "name": party.name,
        "number": mask_number(party.number),
        "phone": mask_phone(party.phone),
    }
