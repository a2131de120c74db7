"""Tests of a definition."""

from django.urls import URLPattern, path

from matters.editing import trial_views as views

urlpatterns: list[URLPattern] = [
    path("drafts/<uuid:uuid>/trials/", views.trials, name="trials"),
    path("drafts/<uuid:uuid>/trials/new/", views.edit, name="trial_new"),
    path("drafts/<uuid:uuid>/trials/<uuid:trial>/", views.edit, name="trial"),
    path("drafts/<uuid:uuid>/trials/<uuid:trial>/remove/", views.remove, name="trial_remove"),
]
