"""Writes of trunks, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway
from telephony.trunks.selectors import get_trunk
from telephony.trunks.signals import trunk_archiving
from telephony.trunks.values import GatewayValues, check_addresses, check_gateways, check_trunk
from tenants.audit.services import record


def create_trunk(
    *,
    name: str,
    gateways: Sequence[GatewayValues] = (),
    allowed_addresses: Sequence[str] = (),
    **fields: Any,
) -> Trunk:
    """A new trunk; `fields` are columns of `Trunk`. InvalidFields when the parts do not fit."""
    trunk = Trunk(name=name, **fields)
    return _save(trunk, gateways=gateways, allowed_addresses=allowed_addresses)


def update_trunk(
    *,
    trunk: Trunk,
    gateways: Sequence[GatewayValues] | None = None,
    allowed_addresses: Sequence[str] | None = None,
    **fields: Any,
) -> Trunk:
    """Change what is given; lists replace the old ones. A password that is left out is kept."""
    fresh = get_trunk(trunk.pk, lock=True)
    for field, value in fields.items():
        setattr(fresh, field, value)
    return _save(fresh, gateways=gateways, allowed_addresses=allowed_addresses)


def archive_trunk(*, trunk: Trunk) -> None:
    """Take the trunk away; its calls stay. Conflict while a number uses it."""
    fresh = get_trunk(trunk.pk, lock=True)
    trunk_archiving.send(Trunk, trunk=fresh)
    fresh.archived_at = timezone.now()
    fresh.save(update_fields=["archived_at", "updated_at"])


def _save(
    trunk: Trunk, *, gateways: Sequence[GatewayValues] | None, allowed_addresses: Sequence[str] | None
) -> Trunk:
    """Check everything, then write everything. None leaves a list as it is."""
    new_gateways = None if gateways is None else check_gateways(gateways)
    networks = None if allowed_addresses is None else check_addresses(allowed_addresses)
    check_trunk(
        trunk,
        gateways=trunk.gateways.count() if new_gateways is None else len(new_gateways),
        addresses=trunk.addresses.count() if networks is None else len(networks),
    )
    before = {} if trunk._state.adding else _parts(trunk)
    trunk.name = trunk.name.strip()
    trunk.save()
    if new_gateways is not None:
        trunk.gateways.all().delete()
        TrunkGateway.objects.bulk_create(
            TrunkGateway(
                trunk=trunk,
                host=g.host,
                port=g.port,
                transport=g.transport,
                priority=g.priority,
                weight=g.weight,
                enabled=g.enabled,
            )
            for g in new_gateways
        )
    if networks is not None:
        trunk.addresses.all().delete()
        TrunkAddress.objects.bulk_create(TrunkAddress(trunk=trunk, network=n) for n in networks)
    saved = get_trunk(trunk.pk)
    _note_parts(saved, before)
    return saved


def _note_parts(trunk: Trunk, before: dict[str, list[str]]) -> None:
    """The lists are written anew each time: the audit log is told what differs, not every row."""
    after = _parts(trunk)
    changed = sorted(name for name in after if after[name] != before.get(name, []))
    if changed:
        was = {name: before.get(name, []) for name in changed}
        record("changed", of=trunk, before=was, after={name: after[name] for name in changed})


def _parts(trunk: Trunk) -> dict[str, list[str]]:
    gateways = TrunkGateway.objects.filter(trunk=trunk)
    return {
        "allowed_addresses": [str(address) for address in TrunkAddress.objects.filter(trunk=trunk)],
        "gateways": [
            f"{g} priority {g.priority}, weight {g.weight}{'' if g.enabled else ', disabled'}"
            for g in gateways
        ],
    }
