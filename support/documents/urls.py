from django.urls import path

from support.documents import views

app_name = "documents"

urlpatterns = [
    path("documents/<uuid:uuid>/", views.document, name="document"),
    path("uploads/<uuid:uuid>/", views.upload, name="upload"),
]
