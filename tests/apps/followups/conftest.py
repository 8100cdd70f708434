"""The calls of tests/apps/calls: follow-ups begin in one."""

from tests.apps.calls.conftest import (  # noqa: F401
    agent,
    answered,
    node,
    number,
    other_node,
    queued,
    ring,
    stranger,
    tenant,
    token,
    valkey,
)
