"""Settings of the control plane. Every variable is read here, once; a bad one stops the start by name."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pghistory
from csp import constants as csp
from kombu import Queue

from .environment import DATA_DIR, env
from .logging import configure_logging, logging_settings
from .money import *  # noqa: F403
from .rest import *  # noqa: F403
from .schedule import BEAT_SCHEDULE, TASK_ROUTES
from .staff import UNFOLD as UNFOLD

# --- What this process is ------------------------------------------------------------------------
PRODUCT_NAME = "Trunkline"
DEBUG = env.switch("DEBUG")
DEMO_MODE = env.switch("DEMO_MODE")
DATA_DIR = DATA_DIR
BASE_DIR = Path(__file__).resolve().parents[2]
_SECRETS = "set it, or run `python manage.py up` once, which makes one and keeps it in DATA_DIR/local.env."
SECRET_KEY = env.required("SECRET_KEY", _SECRETS)
FIELD_ENCRYPTION_KEYS = env.fernet_keys(_SECRETS)

# --- Addresses -----------------------------------------------------------------------------------
WEB_HOST = env.str("WEB_HOST", "127.0.0.1")
WEB_PORT = env.number("WEB_PORT", 8000, 1, 65535)
# Where people and programs reach us. https:// here switches secure cookies, HSTS and redirects on.
PUBLIC_URL = env.str("PUBLIC_URL", f"http://{WEB_HOST}:{WEB_PORT}").rstrip("/")
SANDBOX_HOST = env.str("SANDBOX_HOST", "127.0.0.1")
SANDBOX_PORT = env.number("SANDBOX_PORT", 5090, 1, 65535)
# Calls to sip:<number>@<slug of a trunk>.<SIP_DOMAIN> are the trunk's; the realm of digest authentication.
SIP_DOMAIN = env.str("SIP_DOMAIN", "sip.localhost").strip(".").lower()
# Open to the world, as far as we can tell: what would only be careless elsewhere is refused.
PRODUCTION = not (DEBUG or DEMO_MODE) and PUBLIC_URL.startswith("https://")
# Tenants name the gateways that we send SIP to: into our own network only where this says so.
TRUNKS_ALLOW_PRIVATE_ADDRESSES = env.switch("TRUNKS_ALLOW_PRIVATE_ADDRESSES", not PRODUCTION)
# The media nodes' own setting; here only to be told to carriers.
RTP_PORTS = (
    env.number("RTP_PORT_FIRST", 10_000, 1024, 65_534),
    env.number("RTP_PORT_LAST", 20_000, 1025, 65_535),
)

_LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_LOOPBACK)
ALLOWED_HOSTS = list(dict.fromkeys([*ALLOWED_HOSTS, urlsplit(PUBLIC_URL).hostname or WEB_HOST]))

# --- Applications --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_structlog",
    "channels",
    "csp",
    # Before allauth: our templates of its mails win.
    "tenants",
    "tenants.audit",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "hijack",
    "telephony.trunks",
    "telephony.edge",
    "telephony.carriers",
    "apps.api",
    "apps.billing",
    "apps.payments",
    "apps.webhooks",
    "apps.vendors",
    "apps.knowledge",
    "apps.agents",
    "apps.numbers",
    "apps.calls",
    "apps.analysis",
    "apps.suites",
    "apps.campaigns",
    "apps.followups",
    "apps.statements",
    "apps.privacy",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.assets.DashboardFiles",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "tenants.accounts.impersonation.ImpersonationMiddleware",
    "tenants.accounts.middleware.AccountRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.api.middleware.TenantRequestMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- PostgreSQL ----------------------------------------------------------------------------------
DATABASES = {
    "default": env.database()
    | {
        "CONN_MAX_AGE": 0,
        # A pooled connection is tried before use: PostgreSQL may have been restarted meanwhile.
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 5,
    # A lock that is waited for this long is a fault; a transaction left open would block vacuum.
    "options": "-c lock_timeout=15s -c idle_in_transaction_session_timeout=60s",
    "pool": {"min_size": 1, "max_size": env.number("DATABASE_POOL_SIZE", 16, 1, 500), "timeout": 10},
} | DATABASES["default"].get("OPTIONS", {})
# Of a statement within a request of the API; what is longer belongs into a job, or into pages (exports).
WEB_STATEMENT_TIMEOUT_S = env.number("WEB_STATEMENT_TIMEOUT_S", 30, 1, 3600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Valkey / Redis: nothing here that cannot be rebuilt -----------------------------------------
REDIS_URL = env.redis()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "trunkline",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "trunkline:channels"},
    }
}

# --- Celery --------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "trunkline:celery:",
    "visibility_timeout": 3600,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
}
CELERY_IMPORTS = ["apps.campaigns.tasks_imports", "apps.campaigns.tasks_number_checks"]
CELERY_TASK_QUEUES = [Queue(name) for name in ("dial", "after_call", "webhooks", "billing")]
CELERY_TASK_DEFAULT_QUEUE = "after_call"
CELERY_TASK_ROUTES = TASK_ROUTES
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 3, "interval_start": 0, "interval_step": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

# --- People --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = LOGOUT_REDIRECT_URL = "/login"
LOGIN_REDIRECT_URL = "/"

# --- Accounts: django-allauth, headless; the pages are the dashboard's ----------------------------
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ["browser"]
HEADLESS_ADAPTER = "tenants.accounts.adapters.HeadlessAdapter"
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{PUBLIC_URL}/verify-email/{{key}}",
    "account_reset_password": f"{PUBLIC_URL}/password/forgot",
    "account_reset_password_from_key": f"{PUBLIC_URL}/password/reset/{{key}}",
    "account_signup": f"{PUBLIC_URL}/signup",
    "socialaccount_login_error": f"{PUBLIC_URL}/sso-error",
}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme
ACCOUNT_ADAPTER = "tenants.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "tenants.accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only where the sign-up began: allauth checks the session
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# In the shared cache. A Redis that is wiped starts the counts again and takes nothing else: sessions are
# in PostgreSQL. Each name is one of allauth's; those left out keep its default.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "confirm_email": "1/1m/key",
}
MFA_ADAPTER = "tenants.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PRODUCT_NAME
SOCIALACCOUNT_ADAPTER = "tenants.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_EMAIL_REQUIRED = True
SOCIALACCOUNT_PROVIDERS = env.social_providers()
# Tenants' identity providers are fetched from addresses they wrote: into our network only where this says so.
SSO_ALLOW_PRIVATE_ADDRESSES = env.switch("SSO_ALLOW_PRIVATE_ADDRESSES")

# --- Staff acting as a customer's person ----------------------------------------------------------
HIJACK_PERMISSION_CHECK = "tenants.impersonation.may_impersonate"
HIJACK_INSERT_BEFORE = None  # the dashboard tells it itself

# --- Mail: sent by a Celery task (tenants.mail), so no request waits for it -----------------------
_MAIL = env.mail()
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _MAIL["EMAIL_FILE_PATH"]
EMAIL_HOST, EMAIL_PORT = _MAIL["EMAIL_HOST"] or "localhost", _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_USER"] or "", _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_TLS", False), _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("MAIL_FROM", f"{PRODUCT_NAME} <no-reply@localhost>")

# --- Web security --------------------------------------------------------------------------------
_HTTPS = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 7 * 24 * 3600
SECURE_SSL_REDIRECT = _HTTPS
# Probes and media nodes come over the private network.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^internal/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
X_FRAME_OPTIONS = "DENY"
# Whatever a page loads, it loads from here. The admin's own scripts need `eval`, so it has no policy.
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [csp.NONE],
        "script-src": [csp.SELF],
        "style-src": [csp.SELF, csp.NONCE],
        "img-src": [csp.SELF, "data:", "blob:"],
        "font-src": [csp.SELF],
        "media-src": [csp.SELF, "blob:"],
        "connect-src": [csp.SELF],
        "worker-src": [csp.SELF, "blob:"],
        "base-uri": [csp.NONE],
        # A login with these begins with a form that ends on their pages.
        "form-action": [csp.SELF, "https://accounts.google.com", "https://github.com"],
        "frame-ancestors": [csp.NONE],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

# --- Files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
# What Vite has named by its content never changes under that name.
DASHBOARD_DIR = BASE_DIR / "frontend" / "dist"
WHITENOISE_ROOT = DASHBOARD_DIR
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/assets/.+-[\w-]{8}\.\w+$"
RECORDINGS_S3_BUCKET = env.str("RECORDINGS_S3_BUCKET", "")


def _private_files(folder: str, below: str = "") -> dict[str, object]:
    """A storage of what is only a tenant's: a folder of ours, or S3, there under the prefix `below`."""
    if not RECORDINGS_S3_BUCKET:
        options: dict[str, object] = {"location": DATA_DIR / folder, "file_permissions_mode": 0o600}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    options = {
        "bucket_name": RECORDINGS_S3_BUCKET,
        "location": below,
        # django-storages does not read the variables that every other AWS tool does.
        "endpoint_url": env.str("AWS_ENDPOINT_URL", None),
        "region_name": env.str("AWS_REGION", None) or env.str("AWS_DEFAULT_REGION", None),
        "default_acl": None,
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "recordings": _private_files("recordings"),
    "documents": _private_files("documents", below="documents"),
    "imports": _private_files("imports", below="imports"),
    "exports": _private_files("exports", below="exports"),
}

# --- Imports of contacts -------------------------------------------------------------------------
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_MB", 200) * 1024 * 1024
# Of a packed file, and as it is written.
IMPORT_MAX_UNPACKED_BYTES = env.int("IMPORT_MAX_UNPACKED_MB", 1024) * 1024 * 1024
IMPORT_MAX_ROWS = env.int("IMPORT_MAX_ROWS", 2_000_000)

# --- Knowledge -----------------------------------------------------------------------------------
KNOWLEDGE_MAX_DOCUMENT_BYTES = env.int("KNOWLEDGE_MAX_DOCUMENT_MB", 20) * 1024 * 1024
# Of one tenant.
KNOWLEDGE_MAX_BYTES = env.int("KNOWLEDGE_MAX_TENANT_MB", 2048) * 1024 * 1024
KNOWLEDGE_MAX_DOCUMENTS = env.int("KNOWLEDGE_MAX_DOCUMENTS", 20_000)
# Pages of our own network, for tests: a tenant would reach into it.
KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES = env.switch("KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES")

# --- Vendors of speech and language --------------------------------------------------------------
# The platform's own keys, by vendor; of a tenant without one of its own, calls take these.
VENDOR_KEYS = env.vendor_keys()
# Tenants may name a gateway of theirs in a vendor's place, and models' endpoints: into our own network only
# where this says so.
VENDORS_ALLOW_PRIVATE_ADDRESSES = env.switch(
    "VENDORS_ALLOW_PRIVATE_ADDRESSES", DEBUG or DEMO_MODE or not PUBLIC_URL.startswith("https://")
)

# --- Webhooks ------------------------------------------------------------------------------------
# Tenants name the servers that are told of events, and asked by call hooks: in our own network only where
# this says so.
WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = env.switch("WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", not PRODUCTION)

# --- Outbound calls: limits of all of them, and of each tenant; 0: none ---------------------------
PLATFORM_MAX_CONCURRENT_CALLS = env.number("PLATFORM_MAX_CONCURRENT_CALLS", 0, 0, 1_000_000)
PLATFORM_CALLS_PER_SECOND = env.number("PLATFORM_CALLS_PER_SECOND", 0, 0, 100_000)
# Whether campaigns' number checks (config.number_check.url) may be in our own network.
NUMBER_CHECK_ALLOW_PRIVATE_ADDRESSES = env.switch("NUMBER_CHECK_ALLOW_PRIVATE_ADDRESSES")
# Percent of the lines that campaigns leave to callers.
PLATFORM_INBOUND_RESERVED = env.number("PLATFORM_INBOUND_RESERVED", 20, 0, 100)
TENANT_MAX_CONCURRENT_CALLS = env.number("TENANT_MAX_CONCURRENT_CALLS", 0, 0, 1_000_000)
TENANT_CALLS_PER_SECOND = env.number("TENANT_CALLS_PER_SECOND", 0, 0, 100_000)

# --- Media nodes ---------------------------------------------------------------------------------
NODE_NAME = env.str("NODE_NAME", "node-1")
NODE_TOKEN = env.str("NODE_TOKEN", "")
# Where nodes reach the internal API; the reconciler asks there whether they can.
CONTROL_URL = env.str("CONTROL_URL", f"http://{WEB_HOST}:{WEB_PORT}").rstrip("/")

# --- The SIP edge (`manage.py edge`); telephony.edge.kamailio.config checks what these mean --------
# Whether `manage.py up` runs one. It reads this itself.
EDGE = env.switch("EDGE")
EDGE_NAME = env.str("EDGE_NAME", "edge-1")
EDGE_DIR = DATA_DIR.resolve() / "edge"
EDGE_LISTEN = env.list("EDGE_LISTEN", default=["udp:127.0.0.1:5080", "tcp:127.0.0.1:5080"])
EDGE_NODE_LISTEN = env.str("EDGE_NODE_LISTEN", "")
EDGE_PUBLIC_ADDRESS = env.str("EDGE_PUBLIC_ADDRESS", "")
EDGE_TLS_CERT = env.str("EDGE_TLS_CERT", "")
EDGE_TLS_KEY = env.str("EDGE_TLS_KEY", "")
EDGE_TLS_CA = env.str("EDGE_TLS_CA", "")
EDGE_WORKERS = env.number("EDGE_WORKERS", 4, 1, 64)
EDGE_SOURCE_CPS = env.number("EDGE_SOURCE_CPS", 50, 1, 100_000)
EDGE_FLOOD_REQUESTS = env.number("EDGE_FLOOD_REQUESTS", 30, 1, 100_000)
EDGE_DIGEST_ALGORITHM = env.choice("EDGE_DIGEST_ALGORITHM", "MD5", ("MD5", "SHA-256"))
EDGE_LINE_SILENCE_MS = env.number("EDGE_LINE_SILENCE_MS", 2_000, 200, 30_000)

# --- Audit: the context lies in each event row, so that row-level security covers it --------------
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_APPEND_ONLY = True
PGHISTORY_CREATED_AT_FUNCTION = "clock_timestamp()"

# --- Logs ----------------------------------------------------------------------------------------
DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING_CONFIG = None
LOGGING = logging_settings(json_lines=env.choice("LOG_FORMAT", "json", ("json", "console")) == "json")
configure_logging(LOGGING)
