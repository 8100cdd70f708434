"""Which works make a kind, in the order in which kinds are purged: what refers to calls goes before them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from apps.privacy.models import Kind
from apps.privacy.services.works import Work
from apps.privacy.services.works_of_calls import Calls, Captures, Recordings, Transcripts
from apps.privacy.services.works_of_others import (
    Callbacks,
    CheckedNumbers,
    Contacts,
    Deliveries,
    Imports,
    Messages,
)

WORKS: Mapping[Kind, tuple[Work, ...]] = MappingProxyType(
    {
        Kind.DELIVERIES: (Deliveries(),),
        Kind.MESSAGES: (Messages(), Callbacks()),
        Kind.CONTACTS: (Contacts(), Imports(), CheckedNumbers()),
        Kind.RECORDINGS: (Recordings(),),
        Kind.CAPTURES: (Captures(),),
        Kind.TRANSCRIPTS: (Transcripts(),),
        Kind.CALLS: (Calls(),),
    }
)
