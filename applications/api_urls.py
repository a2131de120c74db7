from django.urls import path

from applications import api, api_corrections, api_counter, api_delivery

urlpatterns = [
    path("uploads/", api.UploadsView.as_view(), name="api-uploads"),
    path("cases/", api.CasesView.as_view(), name="api-cases"),
    path("cases/<uuid:uuid>/", api.CaseView.as_view(), name="api-case"),
    path("cases/<uuid:uuid>/correction/", api_corrections.CorrectionView.as_view(), name="api-correction"),
    path("cases/<uuid:uuid>/papers/", api_delivery.PapersView.as_view(), name="api-papers"),
    path("cases/<uuid:uuid>/delivery/", api_delivery.DeliveryView.as_view(), name="api-delivery"),
    path("cases/<uuid:uuid>/services/", api_delivery.ServicesView.as_view(), name="api-services"),
    path("cases/<uuid:uuid>/steps/<slug:name>/", api.StepView.as_view(), name="api-step"),
    path("counter/drafts/", api_counter.WindowDraftsView.as_view(), name="api-counter-drafts"),
    path("counter/drafts/<uuid:uuid>/", api_counter.WindowDraftView.as_view(), name="api-counter-draft"),
    path(
        "counter/drafts/<uuid:uuid>/files/", api_counter.WindowFilesView.as_view(), name="api-counter-files"
    ),
    path(
        "counter/drafts/<uuid:uuid>/submit/",
        api_counter.WindowFilingView.as_view(),
        name="api-counter-submit",
    ),
]
