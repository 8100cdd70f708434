"""Writes of trunks, in the tenant's scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway, new_slug
from telephony.trunks.rules import Parts, check_trunk
from telephony.trunks.selectors import get_trunk
from telephony.trunks.signals import trunk_archiving
from telephony.trunks.values import (
    GatewayValues,
    Network,
    check_addresses,
    check_gateways,
    check_registrar,
)
from tenants.audit.services import record
from tenants.errors import Conflict, InvalidInput, LimitReached

MAX_TRUNKS = 100
"""Of a tenant: each has us ask its gateways, at addresses of the tenant's choice, every half minute."""

_FOR_WHOM = "Give the password again: the trunk now proves it to a server that it did not before."


def create_trunk(
    *,
    name: str,
    gateways: Sequence[GatewayValues] = (),
    allowed_addresses: Sequence[str] = (),
    **fields: Any,
) -> Trunk:
    """A new trunk; `fields` are columns of `Trunk`. InvalidFields when the parts do not fit, LimitReached
    when the tenant has as many as it may."""
    if Trunk.objects.filter(archived_at=None).count() >= MAX_TRUNKS:
        raise LimitReached(f"A tenant may have {MAX_TRUNKS} trunks. Delete one that is not used.")
    trunk = Trunk(name=name, slug=new_slug(name), **fields)
    return _save(trunk, gateways=gateways, allowed_addresses=allowed_addresses)


def update_trunk(
    *,
    trunk: Trunk,
    gateways: Sequence[GatewayValues] | None = None,
    allowed_addresses: Sequence[str] | None = None,
    **fields: Any,
) -> Trunk:
    """Change what is given; lists replace the old ones. A password that is left out is kept, unless another
    server would be shown proofs of it: who may change a trunk need not know its password.

    A gateway whose host, port and transport stay keeps its id, and what is known of its health.
    """
    fresh = get_trunk(trunk.pk, lock=True)
    known = _hosts(fresh)
    for field, value in fields.items():
        setattr(fresh, field, value)
    with transaction.atomic():
        saved = _save(fresh, gateways=gateways, allowed_addresses=allowed_addresses)
        if saved.password and "password" not in fields and _hosts(saved) - known:
            raise InvalidInput(_FOR_WHOM, field="password", code="required")
    return saved


def _hosts(trunk: Trunk) -> set[str]:
    """Who is shown proofs of the password."""
    registrar = {trunk.registrar["host"]} if trunk.registrar else set()
    return registrar | {gateway.host for gateway in trunk.gateways.all()}


def archive_trunk(*, trunk: Trunk) -> None:
    """Take the trunk away; its calls stay. Conflict while a number or another trunk uses it."""
    fresh = get_trunk(trunk.pk, lock=True)
    trunk_archiving.send(Trunk, trunk=fresh)
    user = Trunk.objects.filter(backup_trunk=fresh, archived_at=None).first()
    if user is not None:
        raise Conflict(f"The trunk {user.name} has it as its backup. Choose another first.", code="in_use")
    fresh.archived_at = timezone.now()
    fresh.save(update_fields=["archived_at", "updated_at"])


def _save(
    trunk: Trunk, *, gateways: Sequence[GatewayValues] | None, allowed_addresses: Sequence[str] | None
) -> Trunk:
    """Check everything, then write everything. None leaves a list as it is."""
    before = {} if trunk._state.adding else _parts(trunk)
    parts = Parts(
        gateways=_values_of(trunk) if gateways is None else check_gateways(gateways),
        networks=_networks_of(trunk) if allowed_addresses is None else check_addresses(allowed_addresses),
    )
    trunk.name = trunk.name.strip()
    trunk.country = trunk.country.upper()
    trunk.registrar = check_registrar(trunk.registrar)
    check_trunk(trunk, parts)
    _write(trunk)
    if gateways is not None:
        _write_gateways(trunk, parts.gateways)
    if allowed_addresses is not None:
        _write_addresses(trunk, parts.networks)
    saved = get_trunk(trunk.pk)
    _note_parts(saved, before)
    return saved


def _write(trunk: Trunk) -> None:
    """The row. The index that keeps inbound user names apart sees all tenants."""
    try:
        with transaction.atomic():
            trunk.save()
    except IntegrityError as error:
        if "trunks_inbound_username_once" not in str(error):
            raise
        raise InvalidInput(
            "This user name is taken; choose another.", field="inbound_username", code="duplicate"
        ) from error


def _write_gateways(trunk: Trunk, wanted: Sequence[GatewayValues]) -> None:
    rows = {(g.host, g.port, g.transport): g for g in trunk.gateways.all()}
    for values in wanted:
        row = rows.pop((values.host, values.port, values.transport), None) or TrunkGateway(
            trunk=trunk, host=values.host, port=values.port, transport=values.transport
        )
        settings = (values.priority, values.weight, values.enabled)
        if row._state.adding or (row.priority, row.weight, row.enabled) != settings:
            row.priority, row.weight, row.enabled = settings
            row.save()
    TrunkGateway.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()


def _write_addresses(trunk: Trunk, wanted: Sequence[Network]) -> None:
    kept = {a.network for a in trunk.allowed} & set(wanted)
    TrunkAddress.objects.filter(trunk=trunk, learned=False).exclude(network__in=kept).delete()
    TrunkAddress.objects.bulk_create(
        TrunkAddress(trunk=trunk, network=network) for network in wanted if network not in kept
    )


def _values_of(trunk: Trunk) -> list[GatewayValues]:
    return [
        GatewayValues(g.host, g.port, g.transport, g.priority, g.weight, g.enabled)
        for g in trunk.gateways.all()
    ]


def _networks_of(trunk: Trunk) -> list[Network]:
    return [address.network for address in trunk.allowed]


def _note_parts(trunk: Trunk, before: dict[str, list[str]]) -> None:
    """The lists are rows of their own: the audit log is told what differs, not every row."""
    after = _parts(trunk)
    changed = sorted(name for name in after if after[name] != before.get(name, []))
    if changed:
        was = {name: before.get(name, []) for name in changed}
        record("changed", of=trunk, before=was, after={name: after[name] for name in changed})


def _parts(trunk: Trunk) -> dict[str, list[str]]:
    return {
        "allowed_addresses": [str(address) for address in trunk.allowed],
        "gateways": [
            f"{g} priority {g.priority}, weight {g.weight}{'' if g.enabled else ', disabled'}"
            for g in trunk.gateways.all()
        ],
    }
