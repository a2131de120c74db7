from django.urls import path

from evaluations import views

app_name = "evaluations"

urlpatterns = [
    path("evaluations/<uuid:uuid>/", views.rate, name="rate"),
    path("ratings/", views.ratings, name="ratings"),
    path("ratings/received/", views.received, name="received"),
    path("ratings/agencies/<uuid:uuid>/", views.agency, name="agency"),
    path("ratings/<uuid:uuid>/", views.rating, name="rating"),
]
