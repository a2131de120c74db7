from django.urls import path

from support.accounts import api_views

urlpatterns = [
    path("tokens/", api_views.Tokens.as_view(), name="tokens"),
    path("tokens/current/", api_views.CurrentToken.as_view(), name="current_token"),
    path("me/", api_views.MeView.as_view(), name="me"),
]
