"""Drafts and versions compared: for the agency and across the region."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
