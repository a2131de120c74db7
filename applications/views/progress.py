"""办件进度查询: without a login, by the case number and the last four characters of the applicant's number."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from applications.progress import KNOWN, Locked, Progress, look
from matters.guides import SOURCE
from support.accounts import attempts
from support.accounts.access import ActorRequest, audience
from support.accounts.lockout import client_ip
from support.accounts.numbers import normalise

TEMPLATE = "applications/progress.html"
LONGEST = 50  # of a case number
TYPED = 100  # with blanks and hyphens


def _typed(label: Any, help_text: Any, missing: Any, too_long: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=TYPED,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": missing, "max_length": too_long},
    )


def _characters(text: str, words: str) -> str:
    """Normalised; raises ValidationError with `words` for anything but letters and digits."""
    normal = normalise(text)
    if not (normal.isascii() and normal.isalnum()):
        raise forms.ValidationError(words)
    return normal


class ProgressForm(forms.Form):
    """Blanks, hyphens, full-width and lower-case characters are read as what they mean."""

    use_required_attribute = False
    number = _typed(
        gettext_lazy("办件编号"),
        gettext_lazy("印在收件回执和提交成功页上，可以带空格"),
        gettext_lazy("请填写办件编号"),
        gettext_lazy("办件编号太长，请对照收件回执核对"),
    )
    last_four = _typed(
        gettext_lazy("后四位"),
        gettext_lazy("申请人的身份证号码（企业填统一社会信用代码）或手机号码的最后四位"),
        gettext_lazy("请填写后四位"),
        gettext_lazy("只需填写最后四位"),
    )

    def clean_number(self) -> str:
        number = _characters(self.cleaned_data["number"], _("办件编号只含字母和数字，请对照收件回执核对"))
        if len(number) > LONGEST:
            raise forms.ValidationError(_("办件编号太长，请对照收件回执核对"))
        return number

    def clean_last_four(self) -> str:
        known = _characters(self.cleaned_data["last_four"], _("后四位只能是数字或字母，例如 002X"))
        if len(known) != KNOWN:
            words = _("只需填写最后四位，您输入了 %(count)s 位")
            raise forms.ValidationError(words, params={"count": len(known)})
        return known


@audience("public")
@require_http_methods(["GET", "POST"])
@never_cache
def progress(request: ActorRequest) -> HttpResponse:
    """The form; `?number=` (from the code on the confirmation) fills in the number. A POST is answered here."""
    if request.method == "GET":
        number = normalise(request.GET.get("number", ""))[:LONGEST]
        return render(request, TEMPLATE, {"form": ProgressForm(initial={"number": number})})
    form = ProgressForm(request.POST)
    found, status = _answer(request, form)
    return render(request, TEMPLATE, {"form": form, "found": found}, status=status)


def _answer(request: ActorRequest, form: ProgressForm) -> tuple[Progress | None, int]:
    if not form.is_valid():
        return None, 422
    if not attempts.address_may_try(request):
        form.add_error(None, attempts.too_many())
        return None, 429
    try:
        found = look(
            form.cleaned_data["number"],
            form.cleaned_data["last_four"],
            language=get_language() or SOURCE,
            address=client_ip(request),
            actor=request.actor,
            now=timezone.now(),
        )
    except Locked as locked:
        form.add_error(None, str(locked))
        return None, 429
    if found is None:
        form.add_error(None, _("没有查到。请核对办件编号，以及申请人证件号码或手机号码的后四位。"))
        return None, 422
    attempts.forget_try(request)
    return found, 200
