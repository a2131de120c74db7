"""A forgotten password, by e-mail. Whether an address is known is never said."""

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone

from support.accounts.actions import reset_requested, set_password
from support.accounts.forms import NewPasswordForm, ResetForm


class Ask(views.PasswordResetView):
    form_class = ResetForm
    template_name = "accounts/password_reset.html"
    subject_template_name = "accounts/mail/password_reset_subject.txt"
    email_template_name = "accounts/mail/password_reset.txt"
    # From the settings, not from the request's Host header, which anybody can write.
    extra_email_context = {
        "portal_url": settings.PORTAL_URL,
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    success_url = reverse_lazy("accounts:password_reset_sent")

    def form_valid(self, form: Any) -> HttpResponse:
        for user in form.get_users(form.cleaned_data["email"]):
            reset_requested(user, now=timezone.now())
        return super().form_valid(form)


class Sent(views.PasswordResetDoneView):
    template_name = "accounts/password_reset_sent.html"


class Confirm(views.PasswordResetConfirmView):
    form_class = NewPasswordForm  # type: ignore[assignment]
    template_name = "accounts/password_reset_confirm.html"
    success_url = reverse_lazy("accounts:login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid
        response: HttpResponse = set_password(form.user, lambda: answer(form), by="mail", now=timezone.now())
        return response
