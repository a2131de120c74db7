from django.urls import path

from support.notices import hooks, staff_views, views

app_name = "notices"

urlpatterns = [
    path("my/messages/", views.notice_list, name="list"),
    path("my/messages/read/", views.read_all, name="read_all"),
    path("my/messages/<uuid:uuid>/", views.open_notice, name="open"),
    path("manage/deliveries/", staff_views.deliveries, name="deliveries"),
    path("manage/deliveries/retry/", staff_views.retry, name="retry"),
    path("hooks/sms/", hooks.sms_report, name="sms_report"),
]
