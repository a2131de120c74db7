from django.urls import path

from applications import api

urlpatterns = [
    path("uploads/", api.UploadsView.as_view(), name="api-uploads"),
    path("cases/", api.CasesView.as_view(), name="api-cases"),
    path("cases/<uuid:uuid>/", api.CaseView.as_view(), name="api-case"),
    path("cases/<uuid:uuid>/steps/<slug:name>/", api.StepView.as_view(), name="api-step"),
]
