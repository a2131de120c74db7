from django.urls import path

from matters import api
from matters.lists.views import PublicListView

urlpatterns = [
    path("matters/", api.MattersView.as_view(), name="api-matters"),
    path("matters/lists/<slug:kind>/", PublicListView.as_view(), name="api-list"),
    path("matters/<uuid:uuid>/", api.GuideView.as_view(), name="api-guide"),
    path(
        "matters/<uuid:uuid>/versions/<int:version>/",
        api.GuideVersionView.as_view(),
        name="api-guide-version",
    ),
    path("matters/<uuid:uuid>/form-schema/", api.FormSchemaView.as_view(), name="api-form-schema"),
]
