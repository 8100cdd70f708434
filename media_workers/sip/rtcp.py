"""Just enough of RTCP (RFC 3550, 6.4) to know whether the peer hears us. Pure."""

from __future__ import annotations

import struct
from typing import Final

SENDER_REPORT, RECEIVER_REPORT = 200, 201
_BEGIN: Final = {SENDER_REPORT: 28, RECEIVER_REPORT: 8}
_BLOCK: Final = struct.Struct("!IIIIII")


def reports_reception(packet: bytes) -> bool | None:
    """Whether the report that a compound packet begins with is of somebody who has received something;
    None: it is no report.

    A sender that was heard since the last report has a block in it. Some write a block of zeros for
    nobody. Of an encrypted report (SRTCP, RFC 3711, 3.4) the count of blocks is in clear.
    """
    if len(packet) < 8 or packet[0] >> 6 != 2 or packet[1] not in _BEGIN:
        return None
    blocks, begin = packet[0] & 0x1F, _BEGIN[packet[1]]
    for place in range(begin, begin + blocks * _BLOCK.size, _BLOCK.size):
        if len(packet) < place + _BLOCK.size:
            return None
        source, _, highest, *_ = _BLOCK.unpack_from(packet, place)
        if source and highest:
            return True
    return False


class Reports:
    """Counts the peer's reports. `deaf`: how many in a row have not heard us."""

    def __init__(self) -> None:
        self.deaf = 0
        self.hearing = 0

    def saw(self, packet: bytes) -> None:
        """An RTCP packet from the peer. On pjsip's media thread: one writer, and readers that do not mind
        which of two reports they see."""
        hears = reports_reception(packet)
        if hears:
            self.hearing += 1
            self.deaf = 0
        elif hears is False:
            self.deaf += 1
