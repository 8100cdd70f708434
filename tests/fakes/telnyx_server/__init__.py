"""Telnyx's API on a real socket, with a state: see `server`."""

from tests.fakes.telnyx_server.server import TelnyxServer as TelnyxServer
from tests.fakes.telnyx_server.server import telnyx_server as telnyx_server
from tests.fakes.telnyx_server.state import Offer as Offer
