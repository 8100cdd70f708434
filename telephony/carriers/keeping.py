"""Our trunks at the carriers stay as they should be."""

from __future__ import annotations

import structlog

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import CarrierTrunk

log = structlog.get_logger(__name__)


def keep_trunks() -> dict[str, CarrierTrunk | str]:
    """Looks at the trunk of every carrier that is set up and puts right what somebody changed; each one's
    trunk, or in words why it could not."""
    found: dict[str, CarrierTrunk | str] = {}
    for name, seller in SELLERS.items():
        try:
            trunk = seller.ensure_trunk()
        except (CarrierRefused, CarrierDown) as error:
            log.error("carrier_trunk", carrier=name, why=str(error))
            found[name] = str(error)
            continue
        for words in trunk.repaired:
            log.warning("carrier_trunk_repaired", carrier=name, what=words)
        found[name] = trunk
    return found
