"""What requests to chat models of every vendor have in common."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Set
from uuid import uuid4

from media_workers.contract.agent import ChatModel, OpenAICompatibleModel
from media_workers.contract.vendors import Credential
from media_workers.providers.base import LONGEST_ARGUMENTS, ProviderError, ToolCall

log = logging.getLogger(__name__)


def key_of(choice: ChatModel, credential: Credential | None) -> str:
    """Raises `ProviderError` without one."""
    if credential is None or not credential.api_key:
        raise unusable(choice, "has no key: store one, or ask who runs this platform")
    return credential.api_key


NO_ACCOUNT = "takes an API key of the Gemini API, not a service account's JSON"


def regional(url: str, choice: ChatModel, credential: Credential | None) -> str:
    """`url` with the credential's region in the place of `{region}`. Raises `ProviderError` without one."""
    region = credential.region if credential else ""
    if "{region}" in url and not re.fullmatch(r"[a-z0-9-]{3,30}", region):
        raise unusable(choice, "has no region: give one (such as us-east-1) with the key")
    return url.format(region=region)


def unusable(choice: ChatModel | OpenAICompatibleModel, detail: str) -> ProviderError:
    return ProviderError("llm", choice.provider, detail, retryable=False)


def extra_of(choice: ChatModel | OpenAICompatibleModel, ours: Set[str]) -> dict[str, object]:
    """The vendor's own settings, but for the names that are `ours`. They are written as text; what is JSON
    (numbers, true, null, objects) is sent as such."""
    extra = choice.extra if isinstance(choice, ChatModel) else {}
    return {name: _value(text) for name, text in extra.items() if name not in ours}


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def a_call(id: str | None, name: str, arguments: str) -> ToolCall:
    """A complete call. Arguments that are no JSON object, or too long, become `{}`, and the call `wrong`."""
    wrong = _wrong(arguments)
    if wrong:
        log.warning("the model called %s with %s", name, wrong)
    return ToolCall(an_id(id), name, "{}" if wrong else arguments or "{}", wrong)


def joined(arguments: str, part: str) -> str:
    """Arguments and the next piece of them; what is too long anyway does not grow any more."""
    return arguments if len(arguments) > LONGEST_ARGUMENTS else arguments + part


def _wrong(arguments: str) -> str:
    if len(arguments) > LONGEST_ARGUMENTS:
        return f"arguments of more than {LONGEST_ARGUMENTS} characters"
    try:
        if isinstance(json.loads(arguments or "{}"), dict):
            return ""
    except (ValueError, RecursionError):
        pass
    return "arguments that are no JSON object"


def an_id(id: str | None) -> str:
    """A tool call's id, made up where the vendor gave none."""
    return id or f"call_{uuid4().hex}"
