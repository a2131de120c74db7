"""The short addresses stand in QR codes: they are for ever."""

from django.urls import path

from certificates import views

app_name = "certificates"

urlpatterns = [
    path("certificates/", views.certificate_list, name="list"),
    path("certificates/<uuid:uuid>/", views.detail, name="detail"),
    path("certificates/<uuid:uuid>/present/", views.present, name="present"),
    path("verify/", views.verify, name="verify"),
    path("v/<str:code>", views.check, name="check"),
    path("p/<str:token>", views.present_check, name="present_check"),
]
