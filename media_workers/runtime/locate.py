"""Where a gateway's servers are: NAPTR, SRV and A or AAAA records, as RFC 3263 has it.

A trunk says which transport it wants, so that NAPTR never chooses one: it only names the SRV records of
that transport (RFC 3263, 4.1). Answers are kept as long as their TTL says; when DNS does not answer,
what was found last is used again, whatever its age.
"""

from __future__ import annotations

import asyncio
import ipaddress
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver

from media_workers.contract.addresses import is_public
from media_workers.contract.calls import Gateway
from media_workers.runtime import logs
from media_workers.sip.types import Destination

LIMIT_S = 5.0
"""For all questions about one gateway; meanwhile nothing rings."""

QUERY_S = 2.0
MAX_DESTINATIONS = 4
"""Of one gateway, in the order to try."""

CACHED_NAMES = 1_000
DEFAULT_PORT = {"udp": 5060, "tcp": 5060, "tls": 5061}
SRV_PREFIX = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
NAPTR_SERVICE = {"udp": "sip+d2u", "tcp": "sip+d2t", "tls": "sips+d2t"}
HOSTS_FILE = Path("/etc/hosts")


class NotLocated(Exception):
    """No server was found; the message says why, in words."""


class Locator:
    """One for a process: it keeps what it has found. `ipv6`: the lines can send to such addresses."""

    def __init__(
        self,
        resolver: dns.asyncresolver.Resolver | None = None,
        *,
        ipv6: bool = False,
        seed: int | None = None,
    ) -> None:
        self._resolver = resolver or _system_resolver()
        self._resolver.cache = dns.resolver.LRUCache(CACHED_NAMES)
        self._resolver.timeout = QUERY_S
        self._families = ("A", "AAAA") if ipv6 else ("A",)
        self._last: dict[Gateway, list[Destination]] = {}
        self._dice = random.Random(seed)
        self._log = logs.get()

    async def locate(self, gateway: Gateway) -> list[Destination]:
        """The servers of `gateway` in the order to try, at least one. Raises `NotLocated`."""
        key = gateway.model_copy(update={"id": None})
        try:
            async with asyncio.timeout(LIMIT_S):
                found = await self._servers(gateway)
        except dns.resolver.NXDOMAIN as error:
            raise NotLocated(f"DNS does not know the name {error.canonical_name}.") from None
        except (TimeoutError, dns.exception.Timeout, dns.resolver.NoNameservers) as error:
            self._log.warning("dns_silent", host=gateway.host, error=repr(error))
            if key in self._last:
                return self._last[key]
            raise NotLocated(f"DNS gave no answer about {gateway.host}.") from None
        except (dns.exception.DNSException, ValueError) as error:
            raise NotLocated(f"{gateway.host} cannot be looked up: {error}") from None
        self._last[key] = found[:MAX_DESTINATIONS]
        while len(self._last) > CACHED_NAMES:
            self._last.pop(next(iter(self._last)))
        return self._last[key]

    async def _servers(self, gateway: Gateway) -> list[Destination]:
        host, transport = gateway.host.strip("[]"), gateway.transport
        places = [(host, gateway.port or DEFAULT_PORT[transport])]
        if gateway.port is None and not _is_number(host):
            places = await self._srv(host, transport) or places
        found: list[Destination] = []
        problem: Exception = NotLocated(f"{host} has no address in DNS.")
        for name, port in places:
            try:
                found += [Destination(transport, each, port) for each in await self._addresses(name)]
            except (dns.resolver.NXDOMAIN, NotLocated) as error:
                problem = error
            if len(found) >= MAX_DESTINATIONS:
                break
        if not found:
            raise problem
        return found

    async def _srv(self, host: str, transport: str) -> list[tuple[str, int]]:
        """Names and ports in the order to try; empty when there are no SRV records."""
        names = await self._naptr(host, transport) or [f"{SRV_PREFIX[transport]}.{host}"]
        records: list[Any] = []
        for name in names:
            records += _ordered(await self._ask(name, "SRV"), self._dice)
        places = [(record.target.to_text(omit_final_dot=True), record.port) for record in records]
        if places and all(name in ("", ".") for name, _ in places):
            raise NotLocated(f"{host} offers no SIP over {transport.upper()}: its SRV record says so.")
        return places

    async def _naptr(self, host: str, transport: str) -> list[str]:
        """The names of the SRV records of `transport`, when the domain tells them."""
        wanted = NAPTR_SERVICE[transport]
        records = [
            record
            for record in await self._ask(host, "NAPTR")
            if record.service.decode("ascii", "replace").lower() == wanted and record.flags.lower() == b"s"
        ]
        records.sort(key=lambda record: (record.order, record.preference))
        return [record.replacement.to_text(omit_final_dot=True) for record in records]

    async def _addresses(self, name: str) -> list[str]:
        if _is_number(name):
            return [name]
        if listed := _hosts_file().get(name.lower()):
            return [each for each in listed if ":" not in each or "AAAA" in self._families]
        answers = [await self._resolve(name, family) for family in self._families]
        addresses = [record.address for answer in answers for record in answer]
        if not addresses:
            raise NotLocated(f"{name} has no address in DNS.")
        return addresses

    async def _ask(self, name: str, kind: str) -> Sequence[Any]:
        """Records of a kind that a domain may well not have, nor the name itself."""
        try:
            return await self._resolve(name, kind)
        except dns.resolver.NXDOMAIN:
            return []

    async def _resolve(self, name: str, kind: str) -> Sequence[Any]:
        answer = await self._resolver.resolve(
            name, kind, raise_on_no_answer=False, lifetime=LIMIT_S, search="." not in name
        )
        return list(answer) if answer.rrset is not None else []


def public_only(gateway: Gateway, found: Sequence[Destination]) -> list[Destination]:
    """Those of `found` that are on the public internet. Raises `NotLocated` when none is."""
    public = [server for server in found if is_public(server.address)]
    if not public:
        where = ", ".join(server.address for server in found)
        raise NotLocated(f"{gateway.host} is {where}, which is not on the public internet.")
    return public


def _ordered(records: Sequence[Any], dice: random.Random) -> list[Any]:
    """SRV records as RFC 2782 has them: by priority, and within one at random by weight."""
    ordered: list[Any] = []
    for priority in sorted({record.priority for record in records}):
        equal = sorted((r for r in records if r.priority == priority), key=lambda r: r.weight)
        while equal:
            drawn, total = dice.randint(0, sum(r.weight for r in equal)), 0
            for record in equal:
                total += record.weight
                if total >= drawn:
                    break
            ordered.append(record)
            equal.remove(record)
    return ordered


def _system_resolver() -> dns.asyncresolver.Resolver:
    """The system's name servers; a machine without any can still dial addresses and its hosts file."""
    try:
        return dns.asyncresolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        return dns.asyncresolver.Resolver(configure=False)


def _hosts_file() -> dict[str, list[str]]:
    """Names that this machine knows by itself (localhost, a container's extra hosts)."""
    names: dict[str, list[str]] = {}
    try:
        lines = HOSTS_FILE.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    for line in lines:
        address, *rest = line.partition("#")[0].split() or [""]
        for name in rest:
            names.setdefault(name.lower(), []).append(address)
    return names


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
