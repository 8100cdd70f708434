"""Test suites: simulated callers, what must be true of their calls, and the gate before publishing."""
