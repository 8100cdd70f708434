"""How a session with Gemini Live is described, and what it counts."""

from __future__ import annotations

import re
from typing import Any

from media_workers.contract.agent import RealtimeModel, TurnTaking
from media_workers.contract.events import TurnUsage
from media_workers.providers.realtime.base import Settings

VOICE = "Kore"


def setup_of(choice: RealtimeModel, settings: Settings, handle: str) -> dict[str, Any]:
    """The session as Gemini wants it described. `handle`: of the one that goes on."""
    voice = {"prebuiltVoiceConfig": {"voiceName": choice.voice or VOICE}}
    # Later models would talk on while a function runs.
    waiting = {"behavior": "BLOCKING"} if version_of(choice.model) >= (3, 8) else {}
    functions = [
        {
            "name": t.name,
            "description": t.description or t.name,
            "parametersJsonSchema": t.parameters,
            **waiting,
        }
        for t in settings.tools
    ]
    return {
        "model": f"models/{choice.model.removeprefix('models/')}",
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "temperature": choice.temperature,
            # No language: these models hear it, the instructions name it, and a code that a model does not
            # know ends the session.
            "speechConfig": {"voiceConfig": voice},
        },
        "systemInstruction": {"parts": [{"text": settings.instructions}]},
        "tools": [{"functionDeclarations": functions}] if functions else [],
        "realtimeInputConfig": _turn_detection(settings.rules),
        "inputAudioTranscription": {},
        "outputAudioTranscription": {},
        "sessionResumption": {"handle": handle} if handle else {},
        "contextWindowCompression": {"slidingWindow": {}},
    }


def version_of(model: str) -> tuple[int, int]:
    """Of `gemini-3.8-live` it is (3, 8); of one that does not say, the latest."""
    found = re.search(r"(?<!\d)(\d)\.(\d)(?!\d)", model)
    return (int(found[1]), int(found[2])) if found else (9, 9)


def _turn_detection(rules: TurnTaking) -> dict[str, Any]:
    start = "START_SENSITIVITY_LOW" if rules.sensitivity == "low" else "START_SENSITIVITY_HIGH"
    return {
        "automaticActivityDetection": {
            "startOfSpeechSensitivity": start,
            "silenceDurationMs": rules.endpointing_ms,
        },
        "activityHandling": "START_OF_ACTIVITY_INTERRUPTS" if rules.barge_in else "NO_INTERRUPTION",
    }


def usage_of(told: dict[str, Any]) -> TurnUsage:
    given, made = (
        _by_kind(told.get(name) or ()) for name in ("promptTokensDetails", "responseTokensDetails")
    )
    prompt, answer = int(told.get("promptTokenCount") or 0), int(told.get("responseTokenCount") or 0)
    return TurnUsage(
        input_tokens=max(0, prompt - given.get("AUDIO", 0)),
        cached_tokens=int(told.get("cachedContentTokenCount") or 0),
        output_tokens=max(0, answer - made.get("AUDIO", 0)) + int(told.get("thoughtsTokenCount") or 0),
        audio_input_tokens=given.get("AUDIO", 0),
        audio_output_tokens=made.get("AUDIO", 0),
    )


def _by_kind(details: Any) -> dict[str, int]:
    return {str(d["modality"]): int(d.get("tokenCount") or 0) for d in details or ()}
