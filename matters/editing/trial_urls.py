"""Tests of a definition."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
