"""Import and export of implementation lists."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
