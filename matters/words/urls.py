from django.urls import path

from matters.words import views

app_name = "words"

urlpatterns = [
    path("", views.words, name="list"),
    path("new/", views.add, name="add"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/remove/", views.remove, name="remove"),
    path("misses/<int:pk>/adopt/", views.adopt, name="adopt"),
    path("misses/<int:pk>/dismiss/", views.dismiss, name="dismiss"),
]
