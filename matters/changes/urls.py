"""Changes of the directory: proposed, reviewed, in force at a planned instant."""

from django.urls import URLPattern, path

from matters.changes import request_views, views

urlpatterns: list[URLPattern] = [
    path("directory/", views.directory, name="directory"),
    path("directory/<uuid:uuid>/", views.entry, name="entry"),
    path("directory/<uuid:uuid>/suspend/", views.suspend, name="suspend"),
    path("directory/propose/<str:kind>/", request_views.propose, name="propose"),
    path("changes/<uuid:uuid>/", request_views.change, name="change"),
    path("changes/<uuid:uuid>/edit/", request_views.edit, name="change_edit"),
]
