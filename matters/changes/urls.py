"""Changes of the directory."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
