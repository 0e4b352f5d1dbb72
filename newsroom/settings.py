"""The site's settings, read from the environment (README, "Running it for real").

With DEBUG on, everything has a default and nothing needs installing; without it, the process refuses to start
until SECRET_KEY and ALLOWED_HOSTS are given.
"""

import os
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from js_asset import static_lazy

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name, default=""):
    return os.environ.get(name, default).strip()


def flag(name, default=False):
    return env(name, str(default)).lower() in {"1", "true", "yes", "on"}


def listed(name, default=""):
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


DEBUG = flag("DEBUG")
SECRET_KEY = env("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Give the newsroom a long random secret in the environment variable SECRET_KEY "
            "(python -c 'import secrets; print(secrets.token_urlsafe(50))'), or set DEBUG=1 on your own machine."
        )
    SECRET_KEY = "only-for-debug-on-your-own-machine-" + "0" * 30  # noqa: S105 (unreachable without DEBUG)
ALLOWED_HOSTS = listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
if not (DEBUG or ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set: name the hosts this newsroom answers to, comma separated.")
SECRET_KEY_FALLBACKS = listed("SECRET_KEY_FALLBACKS")
SITE_URL = env("SITE_URL", "http://127.0.0.1:8000" if DEBUG else f"https://{(ALLOWED_HOSTS or [''])[0]}").rstrip("/")
CSRF_TRUSTED_ORIGINS = listed("CSRF_TRUSTED_ORIGINS", SITE_URL)

INSTITUTION = {
    "name": env("INSTITUTION_NAME", "Newsroom"),
    "short_name": env("INSTITUTION_SHORT_NAME") or env("INSTITUTION_NAME", "Newsroom"),
    "mark": env("INSTITUTION_MARK"),  # path of an SVG among the static files
    "icons": env("INSTITUTION_ICONS"),  # a folder among them: the mark as 180.png, 192.png and 512.png
    "address": env("INSTITUTION_ADDRESS"),
    "press_email": env("PRESS_EMAIL"),
    "press_phone": env("PRESS_PHONE"),
    "security_contact": listed("SECURITY_CONTACT"),  # addresses for who finds a hole: mail, https or tel
}

INSTALLED_APPS = [
    "newsroom.apps.NewsroomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "js_asset",
    "django_prose_editor",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_tasks",
    "django_tasks_db",
    "people.apps.PeopleConfig",
    "articles.apps.ArticlesConfig",
    "newsroom.apps.NewsroomConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "newsroom.edge.speak_as_addressed",
    "newsroom.edge.refuse_odd_bytes",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "newsroom.access.Gate",
]

ROOT_URLCONF = "newsroom.urls"
WSGI_APPLICATION = "newsroom.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.views.institution",
            ]
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'newsroom.sqlite3'}",
        conn_max_age=int(env("CONN_MAX_AGE", "60")),
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # SQLite before 3.51.3 (or the backports 3.44.6, 3.50.7) can corrupt a write-ahead log that two connections
    # reset at once (sqlite.org/wal.html, "the WAL-reset bug"): there the rollback journal is used instead.
    version = sqlite3.sqlite_version_info
    wal_is_safe = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={'WAL' if wal_is_safe else 'DELETE'};"
        "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA mmap_size=0;",
    }
else:
    # The web process bounds its statements (newsroom/wsgi.py sets these); commands may take their time.
    timeouts = {
        "statement_timeout": env("STATEMENT_TIMEOUT", "0"),
        "lock_timeout": env("LOCK_TIMEOUT", "0"),
        "idle_in_transaction_session_timeout": env("IDLE_TRANSACTION_TIMEOUT", "60s"),
        "max_parallel_workers_per_gather": "0",  # starting them took longer than a search does
        "jit": "off",  # compiling the states of a list took seconds, reading them milliseconds
    }
    DATABASES["default"]["OPTIONS"] = {"options": " ".join(f"-c {name}={value}" for name, value in timeouts.items())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What sign-in attempts are counted in. The database, because every worker on every host shares it, a restart forgives
# nothing, and without it nobody could sign in anyway: a cache that is away would either keep all out or count nobody.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "newsroom_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # nobody pushes a lock-out over the edge with invented names
    }
}
# What requests of the API are counted in. Reads write nothing to the database. With REDIS_URL all processes count
# together; without it each counts in its own memory, and with two workers a caller may have twice the limit.
if env("REDIS_URL"):
    CACHES["limits"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("REDIS_URL"),
        "KEY_PREFIX": "newsroom",
        "OPTIONS": {"socket_connect_timeout": 0.25, "socket_timeout": 0.25},
    }
else:
    CACHES["limits"] = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
# Requests a minute, from one address and with one key; 0 is no limit.
API_LIMITS = {"anonymous": int(env("API_LIMIT_ANONYMOUS", "300")), "keyed": int(env("API_LIMIT_KEYED", "1200"))}

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "account_login"
CSRF_FAILURE_VIEW = "newsroom.typed.csrf_failure"
# Whoever can publish needs a second factor. Where it is off, the first page of the admin says so.
REQUIRE_SECOND_FACTOR = flag("REQUIRE_SECOND_FACTOR", not DEBUG)
ACCOUNT_ADAPTER = "newsroom.access.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{INSTITUTION['short_name']}] "
ACCOUNT_FORMS = {"reset_password": "newsroom.access.ResetForm"}
ACCOUNT_SESSION_REMEMBER = True  # for the twelve hours of SESSION_COOKIE_AGE
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
# Five wrong passwords lock an account for the rest of five minutes, whoever types them and wherever; its second factor
# has five of its own. A password set by e-mail opens it at once.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "reset_password": "5/m/ip,30/d/ip,3/h/key",
    "reset_password_from_key": "20/m/ip",
}
# How many proxies of ours stand in front: that many addresses at the end of X-Forwarded-For are believed, no more.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("TRUSTED_PROXIES") or flag("BEHIND_PROXY"))
MFA_ADAPTER = "newsroom.access.SecondFactors"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = INSTITUTION["short_name"]
MFA_TOTP_TOLERANCE = 1
# A security key is bound to the name of a site: where the site has only a number for an address there are none.
SITE_HOST = urlsplit(SITE_URL).hostname or ""
MFA_SUPPORTED_TYPES = [
    "totp",
    "recovery_codes",
    *([] if SITE_HOST.replace(".", "").isdigit() or ":" in SITE_HOST else ["webauthn"]),
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env("TIME_ZONE", "UTC")
USE_I18N = True
FORMAT_MODULE_PATH = "newsroom.formats"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files of the record are served by a view that asks live(at); never by the web server from this folder.
MEDIA_ROOT = Path(env("MEDIA_ROOT") or BASE_DIR / "media")
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # the review of a long release asks three things of each quote

# The marks of our own bodies. What may be stored is decided by articles.body.clean alone, so nothing is added here.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [static_lazy("admin-newsroom/editor/quote.js")],
        "extensions": dict.fromkeys(["Quote", "Foreign", "Sheet"], lambda config, shared: None),
    }
]

# What is public may be kept but is asked for anew each time, or is kept by a cache that many share for EDGE_SECONDS: so
# much later an article may appear there, and disappear. Always the same number, so that it announces no hour.
EDGE_SECONDS = int(env("EDGE_SECONDS", "0"))
PUBLIC_CACHE_CONTROL = f"public, max-age=0, s-maxage={EDGE_SECONDS}" if EDGE_SECONDS else "public, no-cache"

SECURE = not DEBUG and not flag("INSECURE_HTTP")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 12 * 60 * 60  # from the last page opened (newsroom/access.py renews it)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],  # the nonce is for the import map of the text editor
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Letters: resets of a password, and what editors asked to be told. Without EMAIL_HOST they are printed while debugging,
# and otherwise not sent at all.
EMAIL_HOST = env("EMAIL_HOST")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")
EMAIL_USE_SSL = flag("EMAIL_USE_SSL")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", EMAIL_PORT == 587 and not EMAIL_USE_SSL)
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = "django.core.mail.backends.{}.EmailBackend".format(
    "smtp" if EMAIL_HOST else "console" if DEBUG else "dummy"
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("EMAIL_FROM", INSTITUTION["press_email"] or f"newsroom@{SITE_HOST}")

# What a worker does beside the web process (`manage.py worker`). Nothing is lost while none runs.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# A WebSub hub that is told when the feeds have changed, such as one of the institution's own. Empty: none is named.
WEBSUB_HUB = env("WEBSUB_HUB")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["newsroom.callers.Bearer"],
    "DEFAULT_THROTTLE_CLASSES": ["newsroom.callers.Limit"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["newsroom.api.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "newsroom.api.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "newsroom.api.problem",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{INSTITUTION['name']}: the public record",
    "DESCRIPTION": "What was said, by whom, in which office, on what day; what the public could read at any second.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVERS": [{"url": SITE_URL}],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "newsroom.api_urls.with_headers"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
}
