from __future__ import annotations

import pytest

from telephony.carriers.twilio import TwilioCarrier


@pytest.fixture
def carrier() -> TwilioCarrier:
    return TwilioCarrier()
