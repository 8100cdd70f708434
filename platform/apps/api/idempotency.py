"""A POST with an `Idempotency-Key` can be sent again: it happens once, and the answer is the first one.

The key's row is inserted first, in the transaction of the request. A second request with the same
key waits on that row, sees it when the first has committed, and replays its answer; when the first
failed, its row is gone with its transaction and the second one does the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone

from apps.api.afterwards import Afterwards
from apps.api.models import IdempotencyKey
from apps.api.problems import problem_response
from tenants.ids import new_id
from tenants.principals import Person, Principal
from tenants.scope import current_scope, platform_scope

KEPT = timedelta(hours=24)
MAX_LENGTH = 255
_KEPT_HEADERS = ("Content-Type", "Location")
_LOCK_NOT_AVAILABLE = "55P03"

Handler = Callable[[HttpRequest], HttpResponse]


def answer(request: HttpRequest, principal: Principal | Person, handle: Handler) -> HttpResponse:
    """The answer of `handle`, or the stored one. Runs inside the tenant's scope, or a person's transaction.

    Whoever may no longer do the thing does not get its answer either: the view looks at credentials,
    permission and limits first and then gives `request.replay` (`tenants.rest.ApiViewSet`).
    """
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return handle(request)
    found = _find(request, principal, key)
    if isinstance(found, HttpResponse):
        request.replay = found  # type: ignore[attr-defined]
        return handle(request)
    response = handle(request)
    if isinstance(response, Afterwards):
        _forget(principal, found)
    elif response.status_code < 400:
        _store(principal, found, response)
    return response


def _find(request: HttpRequest, principal: Principal | Person, key: str) -> HttpResponse | UUID:
    """The answer when there is one already, or the row that waits for it."""
    if not 1 <= len(key) <= MAX_LENGTH or not key.isascii() or not key.isprintable():
        return problem_response(
            400,
            f"Idempotency-Key must be 1 to {MAX_LENGTH} printable ASCII characters.",
            "idempotency_key_invalid",
        )
    try:
        fingerprint = _fingerprint(request)
    except MultiPartParserError:
        return problem_response(400, "The parts of the body cannot be read.", "parse_error")
    try:
        row_id = _insert(principal, key, fingerprint)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        return problem_response(
            409,
            "A request with this Idempotency-Key is still running; send it again later.",
            "idempotency_key_in_use",
            {"Retry-After": "5"},
        )
    return row_id or _replay(principal, key, fingerprint)


def _scope(principal: Principal | Person) -> AbstractContextManager[object]:
    """The keys of people outside any tenant belong to none, and only the platform sees those."""
    return platform_scope() if isinstance(principal, Person) else nullcontext()


def _fingerprint(request: HttpRequest) -> bytes:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type == "multipart/form-data":
        _add_form(request, digest)
    else:
        digest.update(request.body)
    return digest.digest()


def _add_form(request: HttpRequest, digest: Any) -> None:
    """What the parts say: their boundary is another one whenever a program sends them again."""
    for name, values in sorted(request.POST.lists()):
        digest.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)


def _insert(principal: Principal | Person, key: str, fingerprint: bytes) -> UUID | None:
    """The id of the new row, or None when a kept one exists; waits for a request that has it open."""
    now = timezone.now()
    with _scope(principal), connection.cursor() as cursor:
        tenant_id = current_scope().tenant_id
        IdempotencyKey.objects.filter(
            tenant=tenant_id, actor_id=principal.id, key=key, created_at__lt=now - KEPT
        ).delete()
        cursor.execute(
            "INSERT INTO api_idempotencykey "
            "(id, tenant_id, actor_id, key, fingerprint, body, headers, created_at, updated_at) "
            "VALUES (%s, %s, %s, %s, %s, '', '{}', %s, %s) "
            "ON CONFLICT (tenant_id, actor_id, key) DO NOTHING RETURNING id",
            [new_id(), tenant_id, principal.id, key, fingerprint, now, now],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _replay(principal: Principal | Person, key: str, fingerprint: bytes) -> HttpResponse:
    with _scope(principal):
        kept = IdempotencyKey.objects.get(tenant=current_scope().tenant_id, actor_id=principal.id, key=key)
    if bytes(kept.fingerprint) != fingerprint:
        return problem_response(
            422,
            "This Idempotency-Key was used for another request; make a new key for a new request.",
            "idempotency_key_reused",
        )
    response = HttpResponse(kept.body, status=kept.status)
    for name, value in kept.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _forget(principal: Principal | Person, row_id: UUID) -> None:
    """An answer that is not made yet cannot be kept; it only asks somebody, so that asking again is safe."""
    with _scope(principal):
        IdempotencyKey.objects.filter(pk=row_id).delete()


def _store(principal: Principal | Person, row_id: UUID, response: HttpResponse) -> None:
    with _scope(principal):
        IdempotencyKey.objects.filter(pk=row_id).update(
            status=response.status_code,
            body=response.content.decode(),
            headers={name: response[name] for name in _KEPT_HEADERS if name in response},
        )
