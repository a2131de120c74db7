from django.urls import path

from matters import views
from matters.changes import public
from matters.compare import changelog
from matters.lists import views as lists

app_name = "matters"

urlpatterns = [
    path("directory/", views.directory, name="directory"),
    path("directory/changes/", public.log, name="directory_changes"),
    path("directory/<uuid:uuid>/", public.entry, name="entry"),
    path("lists/<slug:kind>/", lists.public_list, name="list"),
    path("lists/<slug:kind>.csv", lists.list_csv, name="list_csv"),
    path("<uuid:uuid>/", views.guide, name="guide"),
    path("<uuid:uuid>/changes/", changelog.changes, name="changes"),
    path("<uuid:uuid>/versions/<int:version>/", views.guide_version, name="guide_version"),
]
