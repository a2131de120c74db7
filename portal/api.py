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
    """Errors as `{"detail": words}` or `{"errors": {field: [words]}}`; anything unforeseen is a 500.

    The field of a field is `outer.inner`, of a list its place; what concerns the whole has no name.
    """
    if isinstance(error, DjangoPermissionDenied) and str(error):
        error = exceptions.PermissionDenied(str(error))
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        response.data = {"errors": _flat(response.data)}
    return response


def _flat(data: Any, name: str = "") -> dict[str, list[str]]:
    """Words by field out of errors within errors."""
    if isinstance(data, str):
        return {name: [data]}
    if isinstance(data, list) and all(isinstance(item, str) for item in data):
        return {name: data} if data else {}
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    found: dict[str, list[str]] = {}
    for key, value in inner:
        whole = key in ("", "non_field_errors")
        for field, words in _flat(value, name if whole else f"{name}.{key}" if name else str(key)).items():
            found.setdefault(field, []).extend(words)
    return found
