from django.urls import path

from matters import views
from matters.compare import changelog

app_name = "matters"

urlpatterns = [
    path("directory/", views.directory, name="directory"),
    path("<uuid:uuid>/", views.guide, name="guide"),
    path("<uuid:uuid>/changes/", changelog.changes, name="changes"),
    path("<uuid:uuid>/versions/<int:version>/", views.guide_version, name="guide_version"),
]
