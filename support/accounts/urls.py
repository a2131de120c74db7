from django.urls import path

from support.accounts import password_reset, views
from support.accounts.access import audience
from support.accounts.attempts import limited

app_name = "accounts"
public = audience("public")

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("register/", views.register, name="register"),
    path("organisation/", views.organisation, name="organisation"),
    path("hat/", views.hat, name="hat"),
    path("profile/", views.profile, name="profile"),
    path("profile/contact/", views.contact, name="contact"),
    path("profile/channels/", views.channels, name="channels"),
    path("password/", views.password_change, name="password_change"),
    path("password/reset/", public(limited(password_reset.Ask.as_view())), name="password_reset"),
    path("password/reset/sent/", public(password_reset.Sent.as_view()), name="password_reset_sent"),
    path(
        "password/reset/<uidb64>/<token>/",
        public(password_reset.Confirm.as_view()),
        name="password_reset_confirm",
    ),
]
