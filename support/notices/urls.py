from django.urls import path

from support.notices import views

app_name = "notices"

urlpatterns = [
    path("", views.notice_list, name="list"),
    path("read/", views.read_all, name="read_all"),
    path("<uuid:uuid>/", views.open_notice, name="open"),
]
