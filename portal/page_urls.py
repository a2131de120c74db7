"""The portal's own pages."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from portal import health, metrics, modes, my, supervision, views

app_name = "portal"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("search/", views.find, name="search"),
    path("search/suggest/", views.suggestions, name="suggest"),
    path("regions/", views.regions, name="regions"),
    path("my/", my.my, name="my"),
    path("supervision/", supervision.overview, name="supervision"),
    path("supervision/cases/", supervision.cases, name="supervision_cases"),
    path("supervision/cases.csv", supervision.export, name="supervision_export"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accessibility/", modes.mode, name="mode"),
]

if not settings.PRODUCTION:
    from portal import gallery

    urlpatterns += [
        path("design/", gallery.gallery, name="gallery"),
        path("design/form/", gallery.form, name="gallery_form"),
        path("design/desk/", gallery.desk, name="gallery_desk"),
        path("design/confirm/", gallery.confirm, name="gallery_confirm"),
        path("design/done/", gallery.done, name="gallery_done"),
    ]
