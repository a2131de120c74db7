"""Drafts and versions compared: for the agency and across the region."""

from typing import Any

from django.urls import URLPattern, path

from matters.compare import rules, standard_pages, uniformity, views

# What apps above know, given to the views by portal.urls: whom a change meets, how a trial went.
FROM_ABOVE: dict[str, dict[str, Any]] = {"diff": {"affected": None}, "standard": {"figures": None}}

urlpatterns: list[URLPattern] = [
    path("drafts/<uuid:uuid>/diff/", views.diff, FROM_ABOVE["diff"], name="diff"),
    path("rules/", rules.rules, name="rules"),
    path("uniformity/", uniformity.overview, name="uniformity"),
    path("uniformity/<int:pk>/", uniformity.entry, name="uniformity_entry"),
    path("standards/", standard_pages.standards, name="standards"),
    path("standards/propose/<uuid:uuid>/<int:number>/", standard_pages.propose, name="standard_propose"),
    path("standards/<uuid:uuid>/", standard_pages.standard, FROM_ABOVE["standard"], name="standard"),
]
