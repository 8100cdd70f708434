"""How each gateway is: moved by failed calls, answered calls and answers to OPTIONS.

A gateway that failed rests for 30 s, then for twice as long each time it fails again, up to 10 minutes.
After a rest it is tried again; it is up once it has taken a call or answered OPTIONS.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from telephony.trunks.models import GatewayState, TrunkGateway
from telephony.trunks.news import News, tell

FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=10)
_MAX_FAILURES = 1000


def rest_after(failures: int) -> timedelta:
    """How long a gateway rests that has failed `failures` times in a row, from 1 on."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(FIRST_REST * doubled, LONGEST_REST)


def note_gateway_failed(
    gateway_id: UUID, *, error: str, probe: bool = False, now: datetime | None = None
) -> TrunkGateway | None:
    """A call could not be handed to the gateway, or it left OPTIONS unanswered (`probe`): it rests.

    Calls that were on their way when it began to rest count as one failure. None when the gateway was
    taken away meanwhile. In the tenant's scope or the platform's; `error` in words.
    """
    now = now or timezone.now()
    gateway = TrunkGateway.objects.select_for_update().filter(pk=gateway_id).first()
    if gateway is None:
        return None
    if gateway.rests_until is None or gateway.rests_until <= now:
        gateway.failures = min(gateway.failures + 1, _MAX_FAILURES)
        gateway.rests_until = now + rest_after(gateway.failures)
    gateway.last_error = error.replace("\x00", "")[:300]
    if probe:
        gateway.checked_at, gateway.rtt_ms = now, None
    _move(gateway, GatewayState.DOWN if probe else GatewayState.RESTING, now)
    return gateway


def note_gateway_up(
    gateway_id: UUID, *, rtt_ms: int | None = None, probe: bool = False, now: datetime | None = None
) -> TrunkGateway | None:
    """The gateway took a call, or answered OPTIONS (`probe`) after `rtt_ms`: its rest is over.

    Only a call that was taken starts the count of failures again: a server that answers OPTIONS and
    refuses calls rests for longer each time.
    """
    now = now or timezone.now()
    gateway = TrunkGateway.objects.select_for_update().filter(pk=gateway_id).first()
    if gateway is None:
        return None
    if probe:
        gateway.checked_at, gateway.rtt_ms = now, rtt_ms
    else:
        gateway.failures = 0
    gateway.rests_until, gateway.last_error = None, ""
    _move(gateway, GatewayState.UP, now)
    return gateway


def _move(gateway: TrunkGateway, state: GatewayState, now: datetime) -> None:
    before = gateway.state
    if before != state:
        gateway.state, gateway.state_since = state, now
    gateway.save()
    if before != state and (before, state) != (GatewayState.UNKNOWN, GatewayState.UP):
        tell(
            News(
                trunk_id=gateway.trunk_id,
                tenant_id=gateway.tenant_id,
                gateway=str(gateway),
                state=str(state),
                before=str(before),
                error=gateway.last_error,
                at=now,
            )
        )
