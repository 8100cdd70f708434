"""What a call hook may answer, and what is made of it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from apps.webhooks.models import HookMoment
from media_workers.contract.part import Name

MOST_VARIABLES = 100
MOST_CHARS = 1_000
MOST_REASON_CHARS = 200

BUSY = 486
SIP_REASONS = {
    403: "Forbidden",
    404: "Not Found",
    410: "Gone",
    433: "Anonymity Disallowed",
    480: "Temporarily Unavailable",
    484: "Address Incomplete",
    486: "Busy Here",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
    607: "Unwanted",
    608: "Rejected",
}
"""What an inbound call may be rejected with: RFC 3261, 5079 (433), 8197 (607), 8688 (608)."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class BadDecision(ValueError):
    """The hook's answer makes no sense; the text names the field, for people."""


def _text(value: Any) -> Any:
    """A number or a yes as a text, which is all that variables hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


class _Decision(BaseModel):
    """Unknown fields are passed over, and null is like left out: a server may say more than we read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    variables: Annotated[
        dict[Name, Annotated[str, Field(max_length=MOST_CHARS)]], Field(max_length=MOST_VARIABLES)
    ] = {}
    reason: Annotated[str, Field(max_length=10_000)] = ""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value

    @field_validator("variables", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return {name: _text(one) for name, one in value.items()} if isinstance(value, dict) else value

    @field_validator("variables")
    @classmethod
    def _clean(cls, value: dict[str, str]) -> dict[str, str]:
        return {name: text.replace("\x00", "") for name, text in value.items()}

    @field_validator("reason")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return _CONTROL.sub(" ", value).strip()[:MOST_REASON_CHARS]


class Welcome(_Decision):
    """Before an inbound call is answered. `agent`: its public id; None: the number's own."""

    action: Literal["answer", "reject"]
    agent: Annotated[str, Field(max_length=100)] | None = None
    code: int = BUSY

    @field_validator("code")
    @classmethod
    def _known(cls, value: int) -> int:
        if value not in SIP_REASONS:
            raise ValueError(f"give one of {', '.join(map(str, SIP_REASONS))}")
        return value


class Permission(_Decision):
    """Before an outbound call is dialed."""

    action: Literal["allow", "deny"]


Decision = Welcome | Permission

_KINDS: dict[str, type[Welcome] | type[Permission]] = {
    HookMoment.BEFORE_ANSWER: Welcome,
    HookMoment.BEFORE_DIAL: Permission,
}


def read_decision(moment: str, body: bytes) -> Decision:
    """What the hook of this moment answered. Raises BadDecision."""
    kind = _KINDS[moment]
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] in ("json_invalid", "model_type", "model_attributes_type"):
            raise BadDecision("Its answer is no JSON object.") from None
        place = ".".join(str(part) for part in first["loc"] if part != "[key]")
        words = str(first["msg"]).removeprefix("Value error, ")
        raise BadDecision(f"Its answer makes no sense: {place}: {words}."[:400]) from None
