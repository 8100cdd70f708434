"""/ws/v1/campaigns/: how far a tenant's campaigns are, as it changes.

``{"type": "subscribe"}`` asks for every campaign of the tenant, with ``"campaign": "cmp_..."`` for one.
Both are answered with how far they are now (of all: those that run or are paused).

An update that is lost with the channel layer is made up for by the next one: each tells the whole progress.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from django.utils import timezone

from apps.calls.api.sockets.base import Json, LiveConsumer
from apps.calls.api.sockets.hub import Update
from apps.campaigns import selectors
from apps.campaigns.live import campaign_group, tenant_group
from apps.campaigns.models import Campaign
from apps.campaigns.progress import progress_of_all
from tenants.ids import from_public, to_public
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

EVERY_S = 1.0
"""At most so often the progress of a campaign is told."""

MAX_CAMPAIGNS = 100
"""That one client watches by name, or that a subscription to all begins with (the newest)."""


class CampaignsConsumer(LiveConsumer):
    """A client that watches campaigns."""

    permission = "campaigns.read"

    async def connect(self) -> None:
        self._changed: set[UUID] = set()
        self._wake = asyncio.Event()
        self._watched: set[UUID] = set()
        await super().connect()

    async def begin(self) -> None:
        self.start(self._tell())

    async def hear(self, message: Json) -> None:
        kind = message.get("type")
        if kind not in ("subscribe", "unsubscribe"):
            self.put_error("unknown_type", "Send a message of the type subscribe or unsubscribe.")
        elif message.get("campaign") is None:
            await self._all(subscribe=kind == "subscribe")
        elif (campaign_id := self._campaign_id(message)) is not None:
            await (self._subscribe if kind == "subscribe" else self._unsubscribe)(campaign_id)

    def told_at_once(self, update: Update) -> bool:
        if self._outbox.qsize() + len(update.messages) >= self._outbox.maxsize:
            return False
        for message, text in zip(update.messages, update.texts, strict=True):
            if message["type"] == "state":
                self.put_text(text)
            self._note(from_public(Campaign.id_prefix, message["campaign"]))
        return True

    async def updated(self, update: Update) -> None:
        if not await self.too_slow():
            self.told_at_once(update)

    # --- subscriptions -----------------------------------------------------------------------------

    async def _all(self, *, subscribe: bool) -> None:
        self._watched.clear()
        self._changed.clear()
        await self.leave_all()
        self.put({"type": "subscribed" if subscribe else "unsubscribed", "campaign": None})
        if subscribe:
            await self.join(tenant_group(self.principal.tenant_id))
            self._note(*await database_sync_to_async(_live)(self.principal.tenant_id))

    async def _subscribe(self, campaign_id: UUID) -> None:
        name = to_public(Campaign.id_prefix, campaign_id)
        if len(self._watched) >= MAX_CAMPAIGNS:
            self.put_error("too_many", f"Subscribe to at most {MAX_CAMPAIGNS} campaigns, or to all of them.")
            return
        if not await database_sync_to_async(_exists)(self.principal.tenant_id, campaign_id):
            self.put_error("not_found", "There is no such campaign.", campaign=name)
            return
        self._watched.add(campaign_id)
        await self.leave(tenant_group(self.principal.tenant_id))
        await self.join(campaign_group(campaign_id))
        self.put({"type": "subscribed", "campaign": name})
        self._note(campaign_id)

    async def _unsubscribe(self, campaign_id: UUID) -> None:
        self._watched.discard(campaign_id)
        self._changed.discard(campaign_id)
        await self.leave(campaign_group(campaign_id))
        self.put({"type": "unsubscribed", "campaign": to_public(Campaign.id_prefix, campaign_id)})

    def _campaign_id(self, message: Json) -> UUID | None:
        try:
            return from_public(Campaign.id_prefix, str(message["campaign"]))
        except ValueError as error:
            self.put_error("invalid", f"campaign: {error}")
            return None

    # --- what is told ------------------------------------------------------------------------------

    def _note(self, *campaigns: UUID) -> None:
        """These are to be told of, the next time."""
        self._changed.update(campaigns)
        if self._changed:
            self._wake.set()

    async def _tell(self) -> None:
        """Reads and tells what has changed; what changes meanwhile is told the next time, so that the last
        change never goes missing."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            try:
                for told in await database_sync_to_async(_progress)(self.principal.tenant_id, changed):
                    self.put({"type": "progress", "campaign": told["campaign"], "progress": told})
            except Exception as error:
                log.warning("campaign_update_delayed", error=type(error).__name__)
                self._note(*changed)
            if await self.too_slow():
                return
            await _pause(EVERY_S)


_pause = asyncio.sleep


def _live(tenant_id: UUID) -> list[UUID]:
    with tenant_scope(tenant_id):
        rows = selectors.list_campaigns().filter(state__in=selectors.LIVE).order_by("-id")
        return list(rows.values_list("pk", flat=True)[:MAX_CAMPAIGNS])


def _exists(tenant_id: UUID, campaign_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        return selectors.list_campaigns().filter(pk=campaign_id).exists()


def _progress(tenant_id: UUID, campaigns: Collection[UUID]) -> list[dict[str, Any]]:
    with tenant_scope(tenant_id):
        found: list[Campaign] = list(selectors.list_campaigns().filter(pk__in=campaigns))
        return progress_of_all(found, now=timezone.now())
