from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def locked_out(
    request: HttpRequest, credentials: dict[str, str] | None = None, *args: object
) -> HttpResponse:
    """The page after too many wrong passwords (django-axes calls it)."""
    return render(request, "accounts/locked.html", status=429)
