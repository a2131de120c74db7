"""Drafts of guides: what waits, the hub of one, its sections, review and publishing, the library of materials."""

from django.urls import URLPattern, path

from matters.editing import views, views_claim, views_library, views_review, views_sections

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("claim/", views_claim.claim, name="claim"),
    path("matters/<uuid:uuid>/revise/", views_claim.revise, name="revise"),
    path("drafts/<uuid:uuid>/", views.hub, name="draft"),
    path("drafts/<uuid:uuid>/preview/", views.preview, name="preview"),
    path("drafts/<uuid:uuid>/sections/<slug:key>/", views_sections.section, name="section"),
    path("drafts/<uuid:uuid>/sections/<slug:key>/<str:where>/", views_sections.item, name="item"),
    path("drafts/<uuid:uuid>/submit/", views_review.submit, name="submit"),
    path("drafts/<uuid:uuid>/take-back/", views_review.take_back, name="take_back"),
    path("drafts/<uuid:uuid>/drop/", views_review.drop, name="drop"),
    path("drafts/<uuid:uuid>/review/", views_review.review, name="review"),
    path("drafts/<uuid:uuid>/publish/", views_review.publish, name="publish"),
    path("library/", views_library.library, name="library"),
    path("library/new/", views_library.edit, name="library_new"),
    path("library/<uuid:uuid>/", views_library.edit, name="library_item"),
    path("drafts/<uuid:uuid>/library/", views_library.choose, name="library_choose"),
]
