"""One settings file. Everything that differs between installations comes from the environment.

PORTAL_MODE is `production` unless said otherwise; `demo` (bin/run) and `test` (bin/test) relax
cookies and allow the demo cast. Production refuses to start on missing or default secrets.
"""

import base64
import binascii
import logging
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal import logs

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = os.environ.get("PORTAL_MODE", "production")
if MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"PORTAL_MODE={MODE!r}: expected production, demo or test")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"
TESTING = MODE == "test"
DEBUG = False

_TEST_SECRETS = {
    "SECRET_KEY": "test-only-secret-key-test-only-secret-key-test-only-secret-key",
    "FIELD_KEYS": "t1:" + "dGVzdC1maWVsZC1rZXktMzItYnl0ZXMtbG9uZyEhISE=",
    "INDEX_KEY": "dGVzdC1pbmRleC1rZXktMzItYnl0ZXMtbG9uZyEhISE=",
}


def _secret(name: str) -> str:
    value = os.environ.get(name, "")
    if not value and TESTING:
        return _TEST_SECRETS[name]
    if not value:
        raise ImproperlyConfigured(f"{name} must be set in the environment")
    if PRODUCTION and value in _TEST_SECRETS.values():
        raise ImproperlyConfigured(f"{name} is the published test value; production refuses it")
    return value


def _production_refuses(found: object, words: str) -> None:
    if PRODUCTION and found:
        raise ImproperlyConfigured(words)


def _is_key(text: str) -> bool:
    """Base64 of 32 bytes that look drawn at random."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(key) == 32 and len(set(key)) >= 12


def _checked_url(name: str, value: str) -> str:
    """Production takes no password that is short or the name of its role; none at all only where no network is."""
    parts = urlsplit(value)
    password, host = parts.password or "", parts.hostname or ""
    remote = host and not host.startswith(("127.", "%")) and host not in ("localhost", "::1")
    weak = (password or remote) and (len(password) < 16 or password == parts.username)
    _production_refuses(weak, f"{name} needs a password of at least 16 characters, drawn at random")
    return value


SECRET_KEY = _secret("SECRET_KEY")
_production_refuses(
    len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 12, "SECRET_KEY needs 50 characters, drawn at random"
)
# Comma-separated `id:base64 of 32 bytes`; the first seals, all unseal.
FIELD_KEYS = _secret("FIELD_KEYS")
_field_keys = [entry.partition(":")[2] for entry in FIELD_KEYS.split(",")]
_production_refuses(
    not all(map(_is_key, _field_keys)), "FIELD_KEYS must be id:key, each key base64 of 32 random bytes"
)
INDEX_KEY = _secret("INDEX_KEY")
_production_refuses(not _is_key(INDEX_KEY), "INDEX_KEY must be base64 of 32 random bytes")
_production_refuses(INDEX_KEY in _field_keys, "INDEX_KEY must not be one of FIELD_KEYS")
# Who may read /metrics from another machine; without it, this machine alone.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
_production_refuses(METRICS_TOKEN and len(METRICS_TOKEN) < 32, "METRICS_TOKEN needs 32 characters")

PORTAL_URL = os.environ.get("PORTAL_URL", "http://127.0.0.1:8000").rstrip("/")
_production_refuses(
    not PORTAL_URL.startswith("https://"),
    "PORTAL_URL must be the public https:// address: it is printed on every paper",
)
_name = urlsplit(PORTAL_URL).hostname or ""
_production_refuses(
    _name in ("", "localhost", "::1") or _name.startswith("127."),
    "PORTAL_URL must have the name by which people reach the portal",
)
ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("PORTAL_HOSTS", _name if PRODUCTION else "*").split(",")
]
_production_refuses(
    _name not in ALLOWED_HOSTS or any(host.startswith(("*", ".")) for host in ALLOWED_HOSTS),
    "PORTAL_HOSTS must list names in full, that of PORTAL_URL among them",
)
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
# How many of our own proxies stand before the web server and write X-Forwarded-For.
PROXIES = int(os.environ.get("PORTAL_PROXIES", "0"))
DATA_DIR = Path(os.environ.get("PORTAL_DATA", BASE_DIR / "var"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "guardian",
    "axes",
    "csp",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "support.records",
    "support.calendars",
    "support.places",
    "support.accounts",
    "support.notices",
    "support.documents",
    "certificates",
    "matters",
    "applications",
    "evaluations",
    "portal",
]

MIDDLEWARE = [
    "portal.middleware.answer_inner_addresses",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.RequestLog",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "portal.languages.mark_chinese",
    # Before anything reads a body, behind what gives its refusals their headers and language.
    "portal.middleware.limit_bodies",
    "portal.middleware.keep_api_private",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "support.accounts.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

# --- database -----------------------------------------------------------------------------
# DATABASE_URL is the application's role; DATABASE_OWNER_URL, if given, the one that migrates.
_database_url = os.environ.get("DATABASE_URL", "")
if not _database_url:
    raise ImproperlyConfigured("DATABASE_URL must be set (bin/run and bin/test set it for you)")
_app_role = urlsplit(_checked_url("DATABASE_URL", _database_url)).username
if os.environ.get("PORTAL_AS_OWNER") == "1":
    _database_url = _checked_url(
        "DATABASE_OWNER_URL", os.environ.get("DATABASE_OWNER_URL") or _database_url
    )
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(_database_url, conn_max_age=600, conn_health_checks=True)
}
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# The role without UPDATE, DELETE and TRUNCATE on insert-only tables; see records.grants.
APP_DB_ROLE = os.environ.get("APP_DB_ROLE", "")
_production_refuses(
    _app_role != APP_DB_ROLE,
    "APP_DB_ROLE must be the role in DATABASE_URL; another one owns the tables (DATABASE_OWNER_URL)",
)

# --- cache, sessions, broker: nothing here that cannot be lost ------------------------------
REDIS_URL = _checked_url("REDIS_URL", os.environ.get("REDIS_URL", ""))
if REDIS_URL:
    CACHES: dict[str, Any] = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": REDIS_URL,
            # A cache that does not answer is an empty cache: pages are slower, not broken.
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
        }
    }
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
elif TESTING:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
else:
    raise ImproperlyConfigured("REDIS_URL must be set")
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1) if REDIS_URL else "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# max_retries 0: publishing while the broker is down fails at once; the rows wait for the periodic drain.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 2, "max_retries": 0}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_TIME_LIMIT = 300  # a task that hangs is ended; its rows come back when their lease runs out
# Task and seconds between two looks. A tick that waited longer than that is dropped: the next one looks.
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": float(period), "options": {"expires": period}}
    for name, period in {
        "applications.sweep": 20,
        "applications.recompute": 60,
        "applications.discard_drafts": 3600,
        "applications.tell_effects": 60,
        "applications.count_popularity": 3600,
        "documents.drain": 15,
        "matters.exchange.drain": 30,
        "notices.drain": 15,
        "matters.project": 60,
        "evaluations.invite": 60,
        "records.seal": 60,
        "portal.heartbeat": 15,
        "portal.forget_changes": 600,
        "portal.tidy": 86400,
    }.items()
}

# --- people ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "portal:my"
LOGOUT_REDIRECT_URL = "portal:home"
ANONYMOUS_USER_NAME = None  # guardian: no anonymous user row
GUARDIAN_MONKEY_PATCH_USER = False
# Grants are read once per request with their end date (accounts.hats); guardian's backend is not used.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "support.accounts.lockout.locked_out"
AXES_CLIENT_IP_CALLABLE = "support.accounts.attempts.client_network"
PASSWORD_RESET_TIMEOUT = 3600

# --- language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]  # each in its own words
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "portal.formats"

# --- lights of the desk and of supervision -------------------------------------------------------
# A term is near its end when no more of its working days are left than this part of them, or than
# this number, whichever is more. After a change: `bin/manage count_again`.
NEAR_THE_END = {"part": 1, "of": 3, "workdays": 2}

# --- files -----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("PORTAL_STATIC", DATA_DIR / "static"))
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "portal.static_files.StaticFiles",
        # Not secret like uploads: nginx reads them under another user.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
# In memory until it is stored sealed: no plain copy on a disk, and none needed when that is full.
FILE_UPLOAD_MAX_MEMORY_SIZE = DATA_UPLOAD_MAX_MEMORY_SIZE
FILE_UPLOAD_PERMISSIONS = 0o600

# --- headers ---------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if PRODUCTION:
    SECURE_HSTS_SECONDS = 31536000
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(livez|readyz|metrics)$"]
    if PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "support.accounts.api.Token",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["support.accounts.api.AudiencePermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "portal.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "portal.api_schema.Schema",
    "DEFAULT_PAGINATION_CLASS": "support.accounts.api.Pages",
    "PAGE_SIZE": 20,
    "NUM_PROXIES": PROXIES,
    "DEFAULT_THROTTLE_RATES": {"token": "20/min"},
    "EXCEPTION_HANDLER": "portal.api.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"TOKEN_LIMIT_PER_USER": 10}
SPECTACULAR_SETTINGS = {
    "TITLE": "一网通办 API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- mail, text messages, logs ---------------------------------------------------------------
DEFAULT_FROM_EMAIL = os.environ.get("PORTAL_MAIL_FROM", "portal@localhost")
EMAIL_HOST = os.environ.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS") == "1"
EMAIL_TIMEOUT = 10
# Without a gateway nobody is offered text messages.
SMS_GATEWAY_URL = os.environ.get("SMS_GATEWAY_URL", "").rstrip("/")
SMS_GATEWAY_KEY = os.environ.get("SMS_GATEWAY_KEY", "")
SMS_ADAPTER = os.environ.get("SMS_ADAPTER") or "support.notices.sms_http"
if SMS_GATEWAY_URL and len(SMS_GATEWAY_KEY) < 16:
    raise ImproperlyConfigured("SMS_GATEWAY_KEY must be set (16 characters or more) with SMS_GATEWAY_URL")
if PRODUCTION and SMS_GATEWAY_URL and not SMS_GATEWAY_URL.startswith("https://"):
    raise ImproperlyConfigured("SMS_GATEWAY_URL must be https://: telephone numbers go there")

LOGGING = logs.configuration(
    as_json=PRODUCTION, level=os.environ.get("PORTAL_LOG_LEVEL", "WARNING" if TESTING else "INFO")
)
# The request's id goes along to the tasks it asks for; their arguments are told to nobody.
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_TASK_START_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False

# --- the installation's own words --------------------------------------------------------------


# What the foot of every page says of its owner. Samples say that they are; production shows what is set.
def _said(name: str, sample: str = "") -> str:
    return os.environ.get(name, "" if PRODUCTION else sample)


SITE = {
    "name": _("政务服务 · 一网通办"),
    "host": _said("PORTAL_HOST_UNIT", "主办单位（示例）"),
    "operator": _said("PORTAL_OPERATOR_UNIT", "承办单位（示例）"),
    "code": _said("PORTAL_SITE_CODE", "0000000000（示例）"),
    "icp": _said("PORTAL_ICP"),
    "contact": _said("PORTAL_CONTACT"),
    "hotline": os.environ.get("PORTAL_HOTLINE", "12345"),
    "region": os.environ.get("PORTAL_REGION", "640000000000"),
}
REGION_COOKIE = "region"  # the region a visitor chose, 12 digits
