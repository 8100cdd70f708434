from __future__ import annotations

import pytest

from telephony.carriers.telnyx import TelnyxCarrier


@pytest.fixture
def carrier() -> TelnyxCarrier:
    return TelnyxCarrier()
