from django.urls import path

from matters import views
from matters.changes import public

app_name = "matters"

urlpatterns = [
    path("directory/", views.directory, name="directory"),
    path("directory/changes/", public.log, name="directory_changes"),
    path("directory/<uuid:uuid>/", public.entry, name="entry"),
    path("<uuid:uuid>/", views.guide, name="guide"),
    path("<uuid:uuid>/versions/<int:version>/", views.guide_version, name="guide_version"),
]
