"""Import and export of implementation lists."""

from django.urls import URLPattern, path

from matters.exchange import views

urlpatterns: list[URLPattern] = [
    path("exchange/", views.exchange, name="exchange"),
    path("exchange/template.xlsx", views.template, name="exchange_template"),
    path("exchange/agencies/<uuid:uuid>.xlsx", views.export, name="exchange_export"),
    path("exchange/<uuid:uuid>/", views.job, name="import"),
]
