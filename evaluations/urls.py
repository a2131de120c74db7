from django.urls import path

from evaluations import views

app_name = "evaluations"

urlpatterns = [
    path("evaluations/<uuid:uuid>/", views.rate, name="rate"),
    path("ratings/", views.ratings, name="ratings"),
    path("ratings/<uuid:uuid>/", views.rating, name="rating"),
]
