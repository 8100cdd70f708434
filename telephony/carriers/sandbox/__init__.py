"""The simulated phone network on this machine, for the demo, tests and test keys."""

from telephony.carriers.sandbox.carrier import SandboxCarrier
from telephony.carriers.sandbox.seller import SandboxSeller

__all__ = ["SandboxCarrier", "SandboxSeller"]
