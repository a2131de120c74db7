"""The form editor."""

from django.urls import URLPattern, path

from matters.formedit import trial, views

urlpatterns: list[URLPattern] = [
    path("drafts/<uuid:uuid>/form/", views.form, name="form"),
    path("drafts/<uuid:uuid>/form/change/", views.form_change, name="form_change"),
    path("drafts/<uuid:uuid>/form/logic/", views.form_logic, name="form_logic"),
    path("drafts/<uuid:uuid>/form/try/", trial.form_try, name="form_try"),
    path("drafts/<uuid:uuid>/form/try/answers.json", trial.form_try_answers, name="form_try_answers"),
    path("drafts/<uuid:uuid>/form/try/<slug:page>/", trial.form_try_page, name="form_try_page"),
]
