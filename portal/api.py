"""What every API answer has in common when something is wrong."""

from typing import Any, Literal

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler


class SchemaView(SpectacularAPIView):
    """The OpenAPI description of everything under /api/v1/."""

    audience: Literal["public"] = "public"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Errors as `{"detail": words}` or `{"errors": {field: [words]}}`; anything unforeseen is a 500."""
    if isinstance(error, DjangoPermissionDenied) and str(error):
        error = exceptions.PermissionDenied(str(error))
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        data = response.data
        response.data = {"errors": data if isinstance(data, dict) else {"": data}}
    return response
