"""The editor of a draft's application form."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
