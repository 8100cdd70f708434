"""The base of what crosses the planes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """Base of what crosses the planes. Unknown fields are ignored so that planes upgrade apart."""

    model_config = ConfigDict(extra="ignore", frozen=True)
