"""Nothing that a stranger sends ends a line. (pjsip aborts at what it does not expect; what was found by
longer runs of the same is refused by the screen and the gate.)"""

from __future__ import annotations

import pytest

from tests.bench.sip_caller import SipCaller, sdp
from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.fuzz import torment

pytestmark = pytest.mark.journey


def test_four_thousand_messages_later_the_line_takes_a_call() -> None:
    with Host(ANSWER) as line:
        line.ask("timers", t1=20, t2=80, t4=100, td=200)
        madman = torment(line, seed=3, messages=4_000)
        assert line.process.poll() is None, (madman.said[-5:], line.stderr[-2_000:])
        line.ask("on_invite", steps=ANSWER)
        line.until(lambda: _all_over(line), "every call of it over")
        with SipCaller(line.address, "+12025550100") as caller:
            assert caller.invite(sdp(40_000)).code == 200
            assert caller.bye().code == 200
        assert "Traceback" not in line.stderr


def _all_over(line: Host) -> bool:
    """Hangs up what goes on: some of its messages may still have been on their way."""
    ended = {event["leg"] for event in line.all("ended")}
    for invite in line.all("invite"):
        if invite["leg"] not in ended:
            line.do("hang_up", invite["leg"], "enough")
    return bool(line.ask("active")["calls"] == 0)
