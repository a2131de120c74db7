from django.urls import path

from support.calendars import views

app_name = "calendars"
urlpatterns = [path("", views.years, name="years")]
