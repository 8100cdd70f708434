"""One of Pipecat's services without its pipeline, between two ends that hand on what it pushes.

In direct mode a frame is processed where it is pushed: no queue and no task per frame.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from media_workers.contract.vendors import Credential, Kind
from media_workers.providers.base import SAMPLE_RATE, ProviderError
from media_workers.providers.refusals import scrub

OPEN_LIMIT_S = 8.0
CLOSE_LIMIT_S = 2.0


class Host:
    """A service of one call. `on_frame` gets every frame that it pushes on, `on_error` the words of every
    error; both on the loop."""

    def __init__(
        self, service: Any, *, on_frame: Callable[[Any], None], on_error: Callable[[str], None]
    ) -> None:
        self.service = service
        self._on_frame = on_frame
        self._on_error = on_error
        self._frames = import_module("pipecat.frames.frames")
        self._processors = import_module("pipecat.processors.frame_processor")
        self._ends: list[Any] = []
        self._open = False

    async def open(self) -> None:
        """Connects. What went wrong in it has been told to `on_error`. Raises TimeoutError."""
        setup = self._processors.FrameProcessorSetup(
            clock=import_module("pipecat.clocks.system_clock").SystemClock(),
            task_manager=import_module("pipecat.utils.asyncio.task_manager").TaskManager(),
            pipeline_worker=None,
            audio_in_sample_rate=SAMPLE_RATE,
            audio_out_sample_rate=SAMPLE_RATE,
        )
        self._ends = [self._end(), self._end()]
        self._ends[0].link(self.service)
        self.service.link(self._ends[1])
        async with asyncio.timeout(OPEN_LIMIT_S):
            self._open = True
            for processor in (*self._ends, self.service):
                await processor.setup(setup)
            await self.put(self._frames.StartFrame())

    async def put(self, frame: Any) -> None:
        """Has the service process `frame`."""
        await self.service.queue_frame(frame, self._processors.FrameDirection.DOWNSTREAM)

    async def close(self) -> None:
        """Ends the service; it is not waited for longer than `CLOSE_LIMIT_S`."""
        if not self._open:
            return
        self._open = False
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                await self.put(self._frames.CancelFrame())
        with contextlib.suppress(Exception):
            async with asyncio.timeout(CLOSE_LIMIT_S):
                for processor in (self.service, *self._ends):
                    await processor.cleanup()

    def _end(self) -> Any:
        host, frames = self, self._frames

        class End(self._processors.FrameProcessor):  # type: ignore[name-defined]
            async def process_frame(self, frame: Any, direction: Any) -> None:
                await super().process_frame(frame, direction)
                if isinstance(frame, frames.ErrorFrame):
                    host._on_error(str(frame.error))
                else:
                    host._on_frame(frame)

        return End(enable_direct_mode=True)


def build_service(
    kind: Kind,
    known: dict[str, tuple[str, str]],
    choice_model: str,
    credential: Credential | None,
    settings: dict[str, Any],
) -> tuple[str, Any]:
    """The vendor's name and its service, from `vendor` or `vendor/model`.

    `known`: the class of each vendor, and the argument that takes another address. Of `settings` those are
    set that the service has. Raises `ProviderError`.
    """
    vendor, _, model = choice_model.partition("/")
    if vendor not in known:
        raise ProviderError(
            kind, "pipecat", f"has no vendor {vendor[:40]!r}; give one of {', '.join(known)}", retryable=False
        )
    if credential is None or not credential.api_key:
        raise ProviderError(kind, vendor, f"has no key: give one for {vendor}", retryable=False)
    name, address = known[vendor]
    try:
        # It logs addresses and settings at its own discretion, keys among them.
        import_module("loguru").logger.disable("pipecat")
        service = getattr(import_module(f"pipecat.services.{vendor}.{kind}"), name)
    except ImportError as error:
        detail = f"needs Pipecat on the media node, which is not installed there ({error.name})"
        raise ProviderError(kind, vendor, detail, retryable=False) from None
    arguments: dict[str, Any] = {"api_key": credential.api_key, "sample_rate": SAMPLE_RATE}
    if credential.public_only:
        # Its services look names up themselves, so that nobody sees what they lead to.
        raise ProviderError(kind, vendor, "takes no address of your own on this platform", retryable=False)
    if credential.base_url:
        arguments[address] = credential.base_url
    wanted = {**settings, **({"model": model} if model else {})}
    fields = {key: value for key, value in wanted.items() if key in service.Settings.__dataclass_fields__}
    try:
        made = service(**arguments, settings=service.Settings(**fields), enable_direct_mode=True)
    except Exception as error:
        detail = scrub(f"cannot be set up: {error}", credential.api_key)
        raise ProviderError(kind, vendor, detail, retryable=False) from None
    return vendor, made


def language_of(tag: str) -> Any:
    """Pipecat's name of a BCP 47 tag; of its language alone where it does not know the region."""
    languages = import_module("pipecat.transcriptions.language").Language
    for name in (tag, tag.partition("-")[0]):
        with contextlib.suppress(ValueError):
            return languages(name)
    return languages("en")
