from __future__ import annotations

import pytest

from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node


@pytest.fixture
def token() -> str:
    return "node_" + "7" * 64


@pytest.fixture
def node(db: None, token: str) -> MediaNode:
    return ensure_node("node-1", token)
