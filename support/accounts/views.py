"""Log in and out, register, profile, hats."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from support.accounts import actions
from support.accounts.access import ActorRequest, audience
from support.accounts.attempts import forget_try, limited
from support.accounts.demo import CAST
from support.accounts.forms import (
    ChangePasswordForm,
    ChannelsForm,
    ContactForm,
    LoginForm,
    OrganisationForm,
    RegisterForm,
)
from support.accounts.hats import COMPANY_HAT, valid_grants, valid_mandates
from support.accounts.masking import mask_address, mask_email, mask_number, mask_phone
from support.accounts.models import Party, User
from support.places.models import Role
from support.records.actions import write

BACKEND = "django.contrib.auth.backends.ModelBackend"


def _next(request: HttpRequest) -> str:
    """Where the visitor wanted to go, if that is a page of this site."""
    target = request.POST.get("next") or request.GET.get("next", "")
    here = target.startswith(("/", "http"))  # else it would be taken for the name of a view
    if here and url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return ""


@audience("public")
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
@limited
def login(request: HttpRequest) -> HttpResponse:
    """Five wrong passwords lock user name and address for a quarter of an hour (see lockout)."""
    if request.user.is_authenticated:
        return redirect(_next(request) or settings.LOGIN_REDIRECT_URL)
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    if form.is_valid():
        start_session(request, form.get_user())
        actions.logged_in(form.get_user(), now=timezone.now())
        forget_try(request)
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
            actions.speak(form.get_user(), get_language() or "")
        return redirect(_next(request) or settings.LOGIN_REDIRECT_URL)
    if form.is_bound and {"username", "password"} <= form.cleaned_data.keys():
        actions.login_failed(form.cleaned_data["username"], now=timezone.now())
    context = {"form": form, "next": _next(request), "expired": "expired" in request.GET, "cast": CAST}
    return render(request, "accounts/login.html", context)


@audience("public")
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        actions.logged_out(request.user, now=timezone.now())
    end_session(request)
    messages.success(request, _("您已安全退出"))
    return redirect(settings.LOGOUT_REDIRECT_URL)


@audience("public")
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@limited
def register(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = RegisterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = form.cleaned_data
        wanted = ("username", "name", "number", "code", "phone", "email")
        try:
            user = actions.register_person(
                **{key: data[key] for key in wanted}, password=data["password1"], now=timezone.now()
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            start_session(request, user, backend=BACKEND)
            messages.success(request, _("注册成功，您已登录"))
            return redirect(_next(request) or settings.LOGIN_REDIRECT_URL)
    return render(request, "accounts/register.html", {"form": form, "next": _next(request)})


@audience("applicant")
@require_http_methods(["GET", "POST"])
def organisation(request: ActorRequest) -> HttpResponse:
    """Register an organisation as its legal representative, and go on under its hat."""
    actions.refuse_unless_person(request.actor)
    form = OrganisationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            party = actions.register_organisation(
                **form.cleaned_data,
                actor=request.actor,
                now=timezone.now(),
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            request.session["hat"] = f"{COMPANY_HAT}{party.uuid}"
            messages.success(request, _("登记成功。您现在以“%(name)s”的身份办事") % {"name": party.name})
            return redirect("accounts:profile")
    return render(request, "accounts/organisation.html", {"form": form})


@audience("member")
@require_POST
def hat(request: ActorRequest) -> HttpResponse:
    """Put on another hat: person, organisation or office."""
    wanted = request.POST.get("hat", "")
    chosen = next((hat for hat in request.hats if hat.value == wanted), None)
    if chosen is None:
        messages.error(request, _("您不能以该身份办事：授权可能已到期或已撤销"))
    else:
        request.session["hat"] = chosen.value
        messages.success(request, _("您现在的身份：%(hat)s") % {"hat": chosen.label})
    return redirect(settings.LOGIN_REDIRECT_URL)


@audience("member")
def profile(request: ActorRequest) -> HttpResponse:
    """The party acted for, masked; the organisations and offices of the login."""
    user, today = request.user, timezone.localdate()
    party = Party.objects.visible_to(request.actor).first()
    shown = party and {
        "name": party.name,
        "is_person": party.kind == Party.Kind.NATURAL,
        "number": mask_number(party.number),
        "phone": mask_phone(party.phone),
        "address": mask_address(party.address),
        "level": party.identity_level,
    }
    context = {
        "party": shown,
        "email": mask_email(user.email),
        "channels": _channels(user),
        "mandates": valid_mandates(user, today),
        "offices": [
            (grant.content_object.name, Role(grant.permission.codename).label, grant.valid_until)
            for grant in valid_grants(user, today).select_related("content_object", "permission")
        ],
    }
    return render(request, "accounts/profile.html", context)


def _channels(user: User, data: QueryDict | None = None) -> ChannelsForm:
    own = Party.objects.filter(user=user).first()
    return ChannelsForm(data, user=user, phone=mask_phone(own.phone) if own else "")


@audience("member")
@require_POST
def channels(request: ActorRequest) -> HttpResponse:
    """Whether to be told by e-mail and text message; the messages on the site come always."""
    form = _channels(request.user, request.POST)
    if form.is_valid():
        actions.choose_channels(request.user, form.cleaned_data, actor=request.actor, now=timezone.now())
        messages.success(request, _("通知方式已保存"))
    return redirect("accounts:profile")


@audience("member")
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def contact(request: ActorRequest) -> HttpResponse:
    """Change telephone, address and e-mail. Showing them in full is a read and recorded."""
    actor, user = request.actor, request.user
    party = Party.objects.visible_to(actor).first()
    form = ContactForm(request.POST if request.method == "POST" else None, party=party, user=user)
    if form.is_valid():
        data = form.cleaned_data
        actions.change_contact(
            party,
            user,
            phone=data.get("phone", ""),
            address=data.get("address", ""),
            email=data["email"],
            actor=actor,
            now=timezone.now(),
        )
        messages.success(request, _("联系方式已更新"))
        return redirect("accounts:profile")
    if party is not None:
        write("read.contact", actor=actor, target=f"accounts.party:{party.uuid}", subject_id=party.pk)
    return render(request, "accounts/contact.html", {"form": form})


@audience("member")
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: ActorRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        user = actions.set_password(request.user, form.save, by="old", now=timezone.now())
        update_session_auth_hash(request, user)
        messages.success(request, _("密码已修改，其他设备上的登录已失效"))
        return redirect("accounts:profile")
    return render(request, "accounts/password_change.html", {"form": form})
