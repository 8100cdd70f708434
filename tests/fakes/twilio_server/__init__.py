"""Twilio's APIs on a real socket, with a state: see `server`."""

from tests.fakes.twilio_server.documents import PRESENT as PRESENT
from tests.fakes.twilio_server.documents import REASON as REASON
from tests.fakes.twilio_server.server import TwilioServer as TwilioServer
from tests.fakes.twilio_server.server import twilio_server as twilio_server
from tests.fakes.twilio_server.state import Call as Call
from tests.fakes.twilio_server.state import Offer as Offer
