"""Twilio: numbers, an Elastic SIP trunk, messages, ports, figures; through its own library."""

from telephony.carriers.twilio.carrier import TwilioCarrier as TwilioCarrier
