from django.urls import path

from support.calendars import api

urlpatterns = [path("terms/due", api.DueDate.as_view(), name="terms-due")]
