from django.urls import path

from evaluations import api

urlpatterns = [
    path("cases/<uuid:uuid>/rating/", api.RatingView.as_view(), name="api-rating"),
    path("ratings/", api.FiguresView.as_view(), name="api-ratings"),
    path("ratings/agencies/<uuid:uuid>/", api.AgencyFiguresView.as_view(), name="api-agency-ratings"),
]
