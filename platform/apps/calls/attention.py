"""What somebody of the tenant should look at: things that keep calls from working, worst first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.agents.checks import keys_needed
from apps.agents.selectors import list_agents
from apps.calls.models import Call
from apps.calls.search import created
from apps.numbers.models import Purpose
from apps.numbers.selectors import list_numbers
from apps.vendors.models import VendorKey
from apps.vendors.names import label_of
from apps.vendors.selectors import key_sources
from apps.webhooks.models import CallHook, Endpoint, EndpointState, HookMoment
from media_workers.contract.agent import AgentConfig
from media_workers.contract.events import EndReason
from telephony.edge.selectors import live_nodes
from telephony.trunks.models import (
    Direction,
    InboundAuth,
    Registration,
    RegistrationState,
    Trunk,
    TrunkGateway,
    TrunkRegistration,
)
from tenants.models import ApiKey

Severity = Literal["error", "warning", "info"]
_ORDER: list[Severity] = ["error", "warning", "info"]
LOOKING_BACK = timedelta(hours=24)
KEY_WARNING = timedelta(days=14)
OF_A_KIND = 20
"""At most so many things of one kind are told."""

LOOKED_THROUGH = 200
"""So many of the newest agents are looked at: what they are configured to be has to be read."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to look at; `path` is the page it is about, within the tenant's pages."""

    kind: str
    severity: Severity
    title: str
    detail: str
    path: str


_more: list[Callable[[Collection[str], datetime], Iterable[Notice]]] = []


def also_notice(find: Callable[[Collection[str], datetime], Iterable[Notice]]) -> None:
    """Has `notices` tell what `find` finds for somebody with these permissions at this time."""
    if find not in _more:
        _more.append(find)


def notices(permissions: Collection[str], *, now: datetime | None = None) -> list[Notice]:
    """The notices of the tenant in force, of what somebody with `permissions` may read; worst first."""
    now = now or timezone.now()
    found = [*_nodes(now), *_failures(now)]
    if "agents.read" in permissions:
        found += [*_keyless_agents()]
    if "numbers.read" in permissions:
        found += [*_numbers("agents.read" in permissions)]
    if "trunks.read" in permissions:
        found += [*_trunks(), *_carriers(now)]
    if "keys.read" in permissions:
        found += [*_keys(now), *_vendor_keys(now)]
    if "webhooks.read" in permissions:
        found += [*_hooks(now), *_endpoints()]
    for find in _more:
        found += find(permissions, now)
    return sorted(found, key=lambda notice: _ORDER.index(notice.severity))


def _nodes(now: datetime) -> Iterator[Notice]:
    if not live_nodes(now=now).filter(draining=False).exists():
        yield Notice(
            "no_media_node",
            "error",
            "No media node is running",
            "Calls can neither be answered nor placed until one reports again.",
            "calls/live",
        )


def _failures(now: datetime) -> Iterator[Notice]:
    told = {
        EndReason.PROVIDER_FAILED: (
            "provider_failures",
            "failed on a speech or language service",
            "Callers heard the fallback message. Look at the calls' events for what the service said.",
        ),
        EndReason.NODE_LOST: (
            "node_losses",
            "broke off with a media node",
            "The media node that carried the call died. The platform's staff can see why.",
        ),
    }
    recent = created(Call.objects.all(), after=now - LOOKING_BACK)
    for reason, (kind, what, detail) in told.items():
        calls = recent.filter(end_reason=reason).count()
        if calls:
            some = "1 call" if calls == 1 else f"{calls} calls"
            yield Notice(
                kind,
                "error",
                f"{some} {what} in the last 24 hours",
                detail,
                f"calls?end_reason={reason}",
            )


def _numbers(agents_too: bool) -> Iterator[Notice]:
    taking = list_numbers().exclude(purpose=Purpose.OUTBOUND)
    for number in taking.filter(agent=None)[:OF_A_KIND]:
        yield Notice(
            "number_without_agent",
            "warning",
            f"{number.e164} reaches no agent",
            "Callers hear an apology. Choose the agent that is to answer.",
            "numbers",
        )
    if not agents_too:
        return
    silent = list_numbers().filter(agent__isnull=False, agent_version=None, agent__published_version=None)
    for number in silent.order_by("agent_id", "id")[:OF_A_KIND]:
        agent = number.agent
        yield Notice(
            "agent_unpublished",
            "error",
            f"{agent.name} answers {number.e164}, but was never published",
            "Callers hear an apology. Publish the agent's draft.",
            f"agents/{agent.public_id}",
        )


def _keyless_agents() -> Iterator[Notice]:
    """Agents that were published with keys that are gone."""
    agents = list_agents().filter(published_version__isnull=False).order_by("-id")[:LOOKED_THROUGH]
    source, told = key_sources(), 0
    for agent in agents:
        config = AgentConfig.model_validate(agent.published_version.config)  # type: ignore[union-attr]
        missing = sorted(key for key in keys_needed(config) if source(key) == "none")
        if missing and told < OF_A_KIND:
            told += 1
            yield Notice(
                "agent_without_key",
                "error",
                f"{agent.name} takes calls without a key for {', '.join(map(label_of, missing))}",
                "Its calls go to the fallbacks, or end with the fallback message. Give a key.",
                f"agents/{agent.public_id}",
            )


def _trunks() -> Iterator[Notice]:
    closed = Trunk.objects.filter(archived_at=None, addresses=None, inbound_auth=InboundAuth.IP).filter(
        ~Q(direction=Direction.OUTBOUND)
    )
    for trunk in closed[:OF_A_KIND]:
        yield Notice(
            "trunk_without_addresses",
            "warning",
            f"Nobody may call in through {trunk.name}",
            "Add the addresses that the carrier's calls come from, or make the trunk outbound only.",
            f"trunks/{trunk.public_id}",
        )


def _carriers(now: datetime) -> Iterator[Notice]:
    """Carriers that cannot be reached, or that do not let us in."""
    lost = TrunkRegistration.objects.filter(
        trunk__archived_at=None,
        trunk__registration=Registration.OUTBOUND,
        state__in=[RegistrationState.FAILED, RegistrationState.BACKING_OFF],
    )
    for row in lost.select_related("trunk")[:OF_A_KIND]:
        yield Notice(
            "registration_failed",
            "error",
            f"{row.trunk.name} is not registered at its carrier",
            row.last_error or "The registration failed.",
            f"trunks/{row.trunk.public_id}",
        )
    enabled = TrunkGateway.objects.filter(trunk=OuterRef("pk"), enabled=True)
    silent = Trunk.objects.filter(Exists(enabled), ~Exists(enabled.exclude(rests_until__gt=now)))
    for trunk in silent.filter(archived_at=None).exclude(direction=Direction.INBOUND)[:OF_A_KIND]:
        yield Notice(
            "gateways_down",
            "error",
            f"No gateway of {trunk.name} takes calls",
            "All of them failed lately; they are tried again. The trunk's page has each one's last error.",
            f"trunks/{trunk.public_id}",
        )


def _keys(now: datetime) -> Iterator[Notice]:
    ending = ApiKey.objects.filter(revoked_at=None, expires_at__gt=now, expires_at__lte=now + KEY_WARNING)
    for key in ending.order_by("expires_at")[:OF_A_KIND]:
        yield Notice(
            "key_expires",
            "info",
            f"The API key {key.name} expires on {key.expires_at:%d %B %Y}",
            "Rotate it before that, so that the programs that use it go on.",
            "keys",
        )


def _vendor_keys(now: datetime) -> Iterator[Notice]:
    failing = VendorKey.objects.filter(last_error_at__gt=now - LOOKING_BACK).exclude(last_error="")
    for key in failing.order_by("-last_error_at")[:OF_A_KIND]:
        yield Notice(
            "vendor_key_failing",
            "warning",
            f"{label_of(key.vendor)} failed with your key",
            f"It said: {key.last_error}",
            "vendors",
        )


def _hooks(now: datetime) -> Iterator[Notice]:
    failing = CallHook.objects.filter(enabled=True, trouble_at__gt=now - LOOKING_BACK).exclude(trouble="")
    for hook in failing:
        what = "answered" if hook.moment == HookMoment.BEFORE_ANSWER else "dialed"
        yield Notice(
            "call_hook_failing",
            "warning",
            f"Your server does not help with calls before they are {what}",
            f"The call hook was passed over. {hook.trouble}",
            "webhooks",
        )


def _endpoints() -> Iterator[Notice]:
    """Those that were disabled because nothing was taken."""
    disabled = Endpoint.objects.filter(state=EndpointState.DISABLED).exclude(disabled_reason="")
    for endpoint in disabled.order_by("-disabled_at")[:OF_A_KIND]:
        yield Notice(
            "webhook_disabled",
            "error",
            f"The webhook {endpoint.url[:100]} is disabled",
            endpoint.disabled_reason,
            f"webhooks/{endpoint.public_id}",
        )
