"""Every component of the interface with samples, for the team and the browser tests; not in production."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from support.accounts.access import audience


@audience("public")
def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "components/gallery.html")
