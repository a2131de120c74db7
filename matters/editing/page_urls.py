"""Drafts: claimed, edited, reviewed, published."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
