from django.urls import path

from support.calendars import views

app_name = "calendars"
urlpatterns = [
    path("manage/calendars/", views.years, name="years"),
    path("terms/", views.terms, name="terms"),
]
