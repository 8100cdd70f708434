"""Voices to choose from, and what one sounds like: a media node speaks, we keep what it said."""

from __future__ import annotations

import hashlib
import time

import httpx
import structlog
from django.core.cache import cache
from django.db import connection
from redis import RedisError

from media_workers.contract.voices import VOICES, VoicePreview
from telephony.edge.models import MediaNode
from telephony.edge.selectors import browser_nodes
from telephony.edge.tickets import voice_ticket
from tenants.errors import InvalidInput, LimitReached, Unavailable
from tenants.scope import current_tenant_id

log = structlog.get_logger(__name__)

TIMEOUT_S = 12.0
CONNECT_S = 2.0
NODES_TRIED = 2
KEPT_S = 600
"""Somebody who compares voices hears them again and again; Redis has other things to hold as well."""

A_MINUTE = 20
"""Previews of a tenant that are not kept yet: each costs a media node time and Redis up to 0.7 MB."""


class NoVoiceNow(Unavailable):
    """No media node can speak at the moment."""

    code = "no_media_node"


def preview_of(*, provider: str, voice: str, speed: float, text: str) -> VoicePreview:
    """What to speak. In the tenant's scope; `speak` comes after it, outside.

    Raises InvalidInput for a voice that is not one of `VOICES`, and LimitReached beyond `A_MINUTE` texts
    that nobody has had spoken lately.
    """
    if (provider, voice) not in {(known.provider, known.voice) for known in VOICES}:
        raise InvalidInput(f"{provider} has no voice {voice!r}.", field="voice", code="unknown")
    wish = VoicePreview.model_validate({"provider": provider, "voice": voice, "speed": speed, "text": text})
    if _kept(_key(wish)) is None and _counted() > A_MINUTE:
        raise LimitReached(f"At most {A_MINUTE} new previews a minute.", retry_after_s=60)
    return wish


def speak(wish: VoicePreview) -> bytes:
    """A WAV of `wish`. Takes up to half a minute: outside any transaction. Raises NoVoiceNow."""
    key = _key(wish)
    wav = _kept(key)
    if wav is None:
        wav = _spoken(wish)
        _keep(key, wav)
    return wav


def _spoken(wish: VoicePreview) -> bytes:
    nodes = browser_nodes()[:NODES_TRIED]
    if not connection.in_atomic_block:
        connection.close()  # back to the pool, which is small, while a node speaks
    for node in nodes:
        wav = _ask(node, wish)
        if wav is not None:
            return wav
    raise NoVoiceNow("No media node can speak at the moment; try again soon.")


def _ask(node: MediaNode, wish: VoicePreview) -> bytes | None:
    ticket = voice_ticket(wish.model_dump(mode="json"))
    # ws:// becomes http://, and wss:// https://: the same port answers both.
    url = "http" + node.browser_url.removeprefix("ws") + "/voices/preview"
    try:
        response = httpx.get(
            url,
            headers={"Authorization": f"Bearer {ticket}"},
            timeout=httpx.Timeout(TIMEOUT_S, connect=CONNECT_S),
            trust_env=False,
        )
    except httpx.HTTPError as error:
        log.warning("preview_failed", node=node.name, error=type(error).__name__)
        return None
    if response.status_code != httpx.codes.OK:
        log.warning("preview_failed", node=node.name, status=response.status_code)
        return None
    return response.content


def _key(wish: VoicePreview) -> str:
    return "voice-preview:" + hashlib.sha256(wish.model_dump_json().encode()).hexdigest()


def _counted() -> int:
    """How many new previews the tenant in force has asked for in this minute, this one included."""
    key = f"voice-previews:{current_tenant_id()}:{int(time.time() // 60)}"
    try:
        cache.add(key, 0, timeout=120)
        return cache.incr(key)
    except ValueError:  # wiped between the two commands
        return 1
    except RedisError:
        return 0


def _kept(key: str) -> bytes | None:
    try:
        wav: bytes | None = cache.get(key)
    except RedisError:
        return None
    return wav


def _keep(key: str, wav: bytes) -> None:
    try:
        cache.set(key, wav, KEPT_S)
    except RedisError as error:
        log.warning("preview_not_kept", error=type(error).__name__)
