"""Links that show one call to somebody without an account, until they expire or are revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from apps.calls.errors import ShareGone
from apps.calls.models import Call, CallShare
from apps.calls.selectors import list_calls
from tenants.audit.context import actor_now
from tenants.audit.services import record
from tenants.errors import InvalidInput, LimitReached, NotFound
from tenants.models import Tenant

TOKEN_BYTES = 32
LONGEST_HOURS = 720
MAX_LIVE = 50
"""Links to one call that are good at once."""

_show_analysis: list[Callable[[Call], dict[str, Any] | None]] = []


def show_analysis_with(show: Callable[[Call], dict[str, Any] | None]) -> None:
    """What a shared page shows of a call's analysis: told as applications start, by who knows it. Runs in the
    platform's scope; None where there is nothing to show."""
    _show_analysis[:] = [show]


def analysis_of(call: Call) -> dict[str, Any] | None:
    """What a shared page shows of the analysis."""
    return _show_analysis[0](call) if _show_analysis else None


def shares_of(call: Call) -> QuerySet[CallShare]:
    """The newest first, with those that are over."""
    return CallShare.objects.filter(call=call)


def share_call(
    *,
    call: Call,
    expires_in_hours: int,
    recording: bool = False,
    transcript: bool = False,
    analysis: bool = False,
) -> tuple[CallShare, str]:
    """A new link, and its address, which is shown this once. InvalidInput when it would show nothing;
    LimitReached when the call has `MAX_LIVE`."""
    if not (recording or transcript or analysis):
        raise InvalidInput("Share the recording, the transcript or the analysis.", field="transcript")
    now = timezone.now()
    if shares_of(call).filter(revoked_at=None, expires_at__gt=now).count() >= MAX_LIVE:
        raise LimitReached(f"This call has {MAX_LIVE} links; revoke one first.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    share = CallShare.objects.create(
        call=call,
        digest=_digest(token),
        recording=recording,
        transcript=transcript,
        analysis=analysis,
        expires_at=now + timedelta(hours=expires_in_hours),
        made_by=actor_now()["actor_label"][:300],
    )
    shown = {"recording": recording, "transcript": transcript, "analysis": analysis}
    record("call_shared", of=call, after={**shown, "expires_at": share.expires_at.isoformat()})
    return share, f"{settings.PUBLIC_URL}/share/{token}"


def revoke_share(*, call: Call, share_id: UUID) -> None:
    """The link is good for nothing from now on. NotFound; twice does no harm."""
    share = shares_of(call).select_for_update().filter(pk=share_id).first()
    if share is None:
        raise NotFound("This call has no such link.")
    if share.revoked_at is None:
        share.revoked_at = timezone.now()
        share.save(update_fields=["revoked_at", "updated_at"])
        record("call_unshared", of=call)


def open_share(token: str, *, count: bool = False) -> tuple[CallShare, Call, Tenant]:
    """What a link shows, whoever asks: the call with its turns and recording. In the platform's scope, which
    the caller has entered. NotFound, ShareGone."""
    share = CallShare.objects.filter(digest=_digest(token)).first()
    if share is None:
        raise NotFound("There is no such link; it may be cut off.", code="share_unknown")
    now = timezone.now()
    tenant = Tenant.objects.get(pk=share.tenant_id)
    if share.revoked_at is not None or share.expires_at <= now or tenant.suspended or tenant.deleting_at:
        raise ShareGone("This link is not good any more. Ask whoever sent it for a new one.")
    if count:
        CallShare.objects.filter(pk=share.pk).update(opened=F("opened") + 1, opened_at=now)
    return share, list_calls().prefetch_related("turns").get(pk=share.call_id), tenant


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
