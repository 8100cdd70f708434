"""What nobody may read or hear afterwards: the values of sensitive slots, keys while they are pressed, and
the tools' secrets. One object per call; everything that leaves the call passes it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from media_workers.contract.agent import AgentConfig
from media_workers.contract.events import SipMessage
from media_workers.contract.flow import CollectNode
from media_workers.contract.tools import CollectDigitsTool

HIDDEN = "[secret]"
SHORTEST_SECRET = 4
"""Characters; what is shorter is in every text by chance."""

SHORTEST_VALUE = 2

SEPARATORS = r"[\s.,;:/_()-]{0,3}"
"""Between the digits of a number that is read out."""

B = TypeVar("B", bound=BaseModel)


class Secrecy:
    """Any thread. `hiding`: sensitive keys are being pressed, or a sensitive value is being spoken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pattern: re.Pattern[str] | None = None
        self._secrets: set[str] = set()
        self._values: set[str] = set()
        self._hiding = 0
        self.hides_keys = False
        """The bodies of SIP INFO with keys are masked: it is not known in time which of them are secret."""
        self.names: set[str] = set()
        """Slots that hold sensitive values."""

    # --- what is known to be secret ---------------------------------------------------------------

    def keep(self, name: str, value: str) -> None:
        """The slot `name` holds the sensitive `value`."""
        with self._lock:
            self.names.add(name)
            if len(value.strip()) >= SHORTEST_VALUE:
                self._values.add(value.strip())
            self._compile()

    def keep_secrets(self, secrets: Mapping[str, str | None]) -> None:
        """The tools' secrets."""
        with self._lock:
            self._secrets.update(s for s in secrets.values() if s and len(s) >= SHORTEST_SECRET)
            self._compile()

    def _compile(self) -> None:
        patterns = [re.escape(secret) for secret in self._secrets] + [_read_out(v) for v in self._values if v]
        patterns.sort(key=len, reverse=True)
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    # --- while it comes in ------------------------------------------------------------------------

    @property
    def hiding(self) -> bool:
        return self._hiding > 0

    def begin(self) -> None:
        """From now on the caller's side is not to be heard or read. `end` must follow."""
        with self._lock:
            self._hiding += 1
            self.hides_keys = True

    def end(self) -> None:
        with self._lock:
            self._hiding = max(0, self._hiding - 1)

    # --- what leaves the call ---------------------------------------------------------------------

    def mask(self, text: str) -> str:
        """`text` with a star for each character of a sensitive value, and without secrets."""
        pattern = self._pattern
        return text if pattern is None or not text else pattern.sub(self._star, text)

    def masked(self, body: B) -> B:
        """`body` with all of its texts masked, however deep."""
        if self.hides_keys and isinstance(body, SipMessage):
            body = _without_keys(body)  # type: ignore[assignment]
        return _deep(body, self) if self._pattern is not None else body

    def _star(self, match: re.Match[str]) -> str:
        found = match.group()
        return HIDDEN if found in self._secrets else re.sub(r"\w", "*", found)


def _read_out(value: str) -> str:
    """As it is; digits also one by one."""
    if re.fullmatch(r"[0-9*#]+", value):
        return rf"(?<![0-9]){SEPARATORS.join(map(re.escape, value))}(?![0-9])"
    return rf"(?<!\w){re.escape(value)}(?!\w)"


def keys_are_secret(agent: AgentConfig) -> bool:
    """Whether anything that is typed in a call of `agent` may be."""
    nodes = agent.flow.nodes.values() if agent.flow is not None else ()
    return (
        agent.keys.sensitive
        or any(isinstance(tool, CollectDigitsTool) and tool.sensitive for tool in agent.tools)
        or any(isinstance(node, CollectNode) and node.sensitive for node in nodes)
    )


def _without_keys(message: SipMessage) -> SipMessage:
    """An INFO (RFC 6086) with a key: `Signal=5` of application/dtmf-relay, or the bare key of
    application/dtmf."""
    head, blank, body = message.text.partition("\r\n\r\n")
    if not (message.first_line.startswith("INFO ") and re.search(r"(?im)^content-type:.*dtmf", head)):
        return message
    relay = re.search(r"(?im)^content-type:.*dtmf-relay", head)
    pattern = r"(?im)^(\s*signal\s*=\s*)[0-9a-d*#]+" if relay else r"()[0-9a-dA-D*#]+"
    return message.model_copy(update={"text": head + blank + re.sub(pattern, r"\1*", body)})


def _deep(value: Any, secrecy: Secrecy) -> Any:
    """`value` itself when nothing in it changes."""
    if type(value) is str:
        return secrecy.mask(value)
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        changed = {name: new for name, old in fields.items() if (new := _deep(old, secrecy)) is not old}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        items = {name: _named(name, item, secrecy) for name, item in value.items()}
        return items if items != value else value
    if isinstance(value, list):
        parts = [_deep(part, secrecy) for part in value]
        return parts if parts != value else value
    return value


def _named(name: object, value: Any, secrecy: Secrecy) -> Any:
    """What stands under the name of a sensitive slot is sensitive, however short it is."""
    if name in secrecy.names and isinstance(value, str):
        return "*" * len(value)
    return _deep(value, secrecy)
