from django.urls import path

from matters.exchange import api

urlpatterns = [
    path("matters/changes/", api.ChangesView.as_view(), name="api-matter-changes"),
    path("catalogue/lists/", api.ListsView.as_view(), name="api-lists"),
    path("catalogue/lists/<uuid:uuid>/draft/", api.ListDraftView.as_view(), name="api-list-draft"),
    path("catalogue/drafts/<uuid:uuid>/", api.DraftView.as_view(), name="api-draft"),
]
