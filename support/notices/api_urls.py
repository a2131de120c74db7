from django.urls import path

from support.notices.api import Notices

urlpatterns = [path("notices/", Notices.as_view(), name="notices")]
