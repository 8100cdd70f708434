"""The few pages that belong to no domain: health, errors."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import csrf, defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis
from redis.exceptions import RedisError

from apps.api.problems import problem_response

log = structlog.get_logger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and Redis answer, otherwise 503 with the names of those that do not."""
    failed = [name for name, answers in (("database", _database), ("redis", _redis)) if not answers()]
    return JsonResponse(
        {"status": "unavailable" if failed else "ok", "failed": failed}, status=503 if failed else 200
    )


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponse:
    """The document of the live sockets (AsyncAPI 3.0), beside that of the REST API."""
    document = (settings.BASE_DIR / "docs" / "asyncapi.yaml").read_bytes()
    return HttpResponse(document, content_type="application/yaml")  # RFC 9512


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("health_database", error=str(error))
        return False
    return True


def _redis() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except RedisError as error:
        log.warning("health_redis", error=str(error))
        return False
    return True


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/api/", "/internal/", "/_allauth/"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a problem document under the API, Django's page elsewhere. The same holds for the next three."""
    if _is_api(request):
        return problem_response(400, "The request cannot be read.", "bad_request")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _is_api(request):
        return problem_response(403, "You may not do this.", "permission_denied")
    return defaults.permission_denied(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a change without the CSRF token."""
    if _is_api(request):
        return problem_response(403, f"CSRF check failed: {reason}", "csrf_failed")
    return csrf.csrf_failure(request, reason)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if _is_api(request):
        return problem_response(404, "There is nothing at this address.", "not_found")
    return defaults.page_not_found(request, exception or Exception())


def server_error(request: HttpRequest) -> HttpResponse:
    if _is_api(request):
        return problem_response(500, "Something broke on our side.", "error")
    return defaults.server_error(request)
