"""Requests outside of calls, REGISTER and OPTIONS: their texts and states. No socket, no clock, no pjsua2
(whose accounts, the only way it registers, are 8 a process)."""
