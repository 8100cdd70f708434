"""OPTIONS to gateways, to know before a call whether they are there (RFC 3261, 11)."""

from __future__ import annotations

import asyncio
import random
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from media_workers.contract.calls import Gateway
from media_workers.contract.signalling import GatewayStatus
from media_workers.runtime.locate import Locator
from media_workers.runtime.signalling.wire import NoAnswer, Target, Wire, places_of
from media_workers.runtime.waiting import cancelled
from media_workers.sip.client.messages import Request, Response, Sender, build
from media_workers.sip.types import Edge

EVERY_S = 30.0
LIMIT_S = 8.0
DOWN_CODES = frozenset({500, 503, 408})
"""Any other answer, 404 and 405 too, comes from a server that works."""


class Prober:
    """Asks each gateway it is told of, every `EVERY_S`."""

    def __init__(
        self,
        wire: Wire,
        locator: Locator,
        *,
        edge: Edge | None,
        every_s: float = EVERY_S,
    ) -> None:
        self._wire = wire
        self._locator = locator
        self._edge = edge
        self._every_s = every_s
        self._allow_private = False
        self._asked: dict[UUID, tuple[Gateway, asyncio.Task[None]]] = {}
        self._results: dict[UUID, GatewayStatus] = {}

    def ask(self, gateways: Sequence[Gateway], *, allow_private: bool) -> None:
        """From now on these, and no others."""
        self._allow_private = allow_private
        wanted = {gateway.id: gateway for gateway in gateways if gateway.id is not None}
        for key in [key for key, (gateway, _) in self._asked.items() if wanted.get(key) != gateway]:
            self._asked.pop(key)[1].cancel()
            self._results.pop(key, None)
        for key, gateway in wanted.items():
            if key not in self._asked:
                self._asked[key] = gateway, asyncio.create_task(self._keep_asking(key, gateway))

    def results(self) -> list[GatewayStatus]:
        """What was found since the last time."""
        results, self._results = list(self._results.values()), {}
        return results

    def give_back(self, results: Sequence[GatewayStatus]) -> None:
        """These could not be told: they are told again, unless there are newer ones."""
        self._results = {result.gateway_id: result for result in results} | self._results

    async def stop(self) -> None:
        """Asks nobody any more."""
        tasks = [task for _, task in self._asked.values()]
        self._asked.clear()
        await cancelled(*tasks)

    async def _keep_asking(self, key: UUID, gateway: Gateway) -> None:
        await asyncio.sleep(random.uniform(0, min(2.0, self._every_s)))  # not all at one moment
        while True:
            self._results[key] = await self._once(key, gateway)
            await asyncio.sleep(self._every_s * random.uniform(0.9, 1.1))

    async def _once(self, key: UUID, gateway: Gateway) -> GatewayStatus:
        """Its places one after the other; the first that works will do."""
        error = f"{gateway.host} has no address."
        try:
            for place in await self._places(gateway):
                begin = time.monotonic()
                error = await self._fault(gateway, place)
                if not error:
                    took = round((time.monotonic() - begin) * 1000)
                    return GatewayStatus(gateway_id=key, up=True, rtt_ms=took, checked_at=datetime.now(UTC))
        except NoAnswer as failure:
            error = str(failure)
        return GatewayStatus(gateway_id=key, up=False, error=error, checked_at=datetime.now(UTC))

    async def _places(self, gateway: Gateway) -> Sequence[Target]:
        places: Sequence[Target] = []
        if self._edge is None or not self._allow_private:  # the edge sends wherever a name leads
            places = await places_of(gateway, self._locator, allow_private=self._allow_private)
        if self._edge is not None:
            address, port = self._edge.places[0]
            places = [Target("udp", address, port)]
        return places

    async def _fault(self, gateway: Gateway, place: Target) -> str:
        """Why the gateway at this place counts as down; "" when it does not."""
        try:
            sender = await self._wire.sender(place)
            response = await self._wire.ask(place, self._options(gateway, sender), limit_s=LIMIT_S)
        except NoAnswer as error:
            return str(error)
        return _words(response) if response.code in DOWN_CODES else ""

    def _options(self, gateway: Gateway, sender: Sender) -> Request:
        host = f"[{gateway.host}]" if ":" in gateway.host else gateway.host
        port = "" if gateway.port is None else f":{gateway.port}"
        transport = "" if gateway.transport == "udp" else f";transport={gateway.transport}"
        uri = f"sip:{host}{port}{transport}"
        route = [("Route", f"<{self._edge.route}>")] if self._edge is not None else []
        return build(
            "OPTIONS",
            uri,
            sender,
            from_uri=f"sip:{sender.sent_by}",
            to_uri=uri,
            call_id=secrets.token_hex(16),
            cseq=1,
            from_tag=secrets.token_hex(6),
            headers=[("Accept", "application/sdp"), *route],
        )


def _words(response: Response) -> str:
    return f"It answers OPTIONS with {response.code} {response.reason}.".replace(" .", ".")
