"""Telnyx: numbers, SIP connections, messages, ports, records; through its API of version 2."""

from telephony.carriers.telnyx.carrier import TelnyxCarrier as TelnyxCarrier
