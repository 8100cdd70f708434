"""What is said to carriers and what they say. Money: whole micro-units of `currency`, as carriers ask it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network
from typing import Literal, get_args

from media_workers.contract.calls import Gateway, LegPolicy

Network = IPv4Network | IPv6Network
NumberType = Literal["local", "mobile", "toll_free", "national"]
NUMBER_TYPES: tuple[NumberType, ...] = ("local", "mobile", "toll_free", "national")
Capability = Literal["voice", "sms", "mms", "fax"]
CAPABILITIES: tuple[Capability, ...] = ("voice", "sms", "mms", "fax")
AddressNeed = Literal["none", "any", "local", "foreign"]
"""Which address the owner must have: in the same country (`local`), outside it (`foreign`), `any`."""


@dataclass(frozen=True, slots=True)
class Dialing:
    """How calls are sent to a carrier: what a `DialTarget` has from its trunk otherwise."""

    gateways: list[Gateway]
    username: str = ""
    password: str = field(default="", repr=False)
    leg: LegPolicy = field(default_factory=LegPolicy)


@dataclass(frozen=True, slots=True)
class Search:
    """Which numbers are wanted. `country`: ISO 3166 alpha-2. `area`: digits of the area code, or the name of
    a place. `pattern`: digits and letters of the keypad that the number holds somewhere, `*` for any digit; a
    whole number in E.164 finds that one alone."""

    country: str
    type: NumberType = "local"
    area: str = ""
    pattern: str = ""
    capabilities: frozenset[Capability] = frozenset({"voice"})
    limit: int = 20


@dataclass(frozen=True, slots=True)
class NumberPrice:
    """`setup_micros` once, `monthly_micros` from the first day on."""

    monthly_micros: int
    setup_micros: int = 0
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Available:
    """A number for sale. `beta`: new in the carrier's network, not all may reach it."""

    e164: str
    country: str
    type: NumberType
    capabilities: frozenset[Capability]
    price: NumberPrice
    locality: str = ""
    region: str = ""
    address: AddressNeed = "none"
    beta: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that the regulator asks for. `kind`: `identity` (who owns it), `document`, `address`.
    `accepted`: the papers of which one will do, `fields`: what must be told; machine names with words."""

    kind: Literal["identity", "document", "address"]
    name: str
    words: str
    accepted: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Requirements:
    """Of one country and type of number. `bundle`: papers must be handed in and accepted first."""

    country: str
    type: NumberType
    address: AddressNeed = "none"
    bundle: bool = False
    wanted: tuple[Requirement, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether it can be bought at once."""
        return self.address == "none" and not self.bundle


@dataclass(frozen=True, slots=True)
class Owned:
    """A number of the platform's account. `id`: the carrier's. `key`: of whom it was bought for; "" unknown.
    `active` is False while the carrier still works on the order, which `problem` explains."""

    id: str
    e164: str
    key: str = ""
    active: bool = True
    trunk: str = ""
    problem: str = ""
    bought_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallerName:
    """`state`: `active`, `pending` (the carrier looks at it), `off`, `failed` with a `problem` in words."""

    name: str
    state: Literal["active", "pending", "off", "failed"]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Of the number's owner, as regulators want it. `country`: ISO 3166 alpha-2."""

    customer_name: str
    street: str
    city: str
    region: str
    postal_code: str
    country: str
    street_2: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document for a bundle: `type` and `attributes` as a `Requirement` names them; `address`: the id of an
    address that proves it instead of a file."""

    type: str
    attributes: dict[str, str]
    address: str = ""


@dataclass(frozen=True, slots=True)
class BundleWish:
    """Papers of one owner, for numbers of one country and type."""

    country: str
    type: NumberType
    owner: str
    email: str
    business: bool
    attributes: dict[str, str]
    papers: tuple[Paper, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """`state`: `draft` (`problem` says what is missing), `pending` (looked at), `approved`, `rejected`."""

    id: str
    state: Literal["draft", "pending", "approved", "rejected"]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CarrierTrunk:
    """The installation's trunk at a carrier. `origination`: SIP URIs by which its calls come, in the order
    to try. `allowed`: addresses that may place calls, with the `username`. `repaired`: what was not as it
    should be, in words."""

    id: str
    domain: str
    username: str
    origination: tuple[str, ...]
    allowed: tuple[str, ...]
    secure: bool
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portability:
    """`pin`: the losing carrier's PIN and account number must be given. `problem`: why not, in words."""

    e164: str
    portable: bool
    problem: str = ""
    pin: bool = False
    type: str = ""


PortState = Literal[
    "submitted", "in_review", "action_needed", "scheduled", "completed", "rejected", "cancelled"
]
PORT_STATES: tuple[PortState, ...] = get_args(PortState)
"""`action_needed`: the letter of authorization waits for its signature, or something is wrong (the problem
says what). `scheduled`: the losing carrier has agreed to a day."""


@dataclass(frozen=True, slots=True)
class PortWish:
    """Numbers to take over from another carrier. `signer` may change the account there, and gets the letter
    of authorization at `signer_email`. `bill`: the losing carrier's newest one (PDF, JPEG or PNG), which
    carriers ask for."""

    e164s: tuple[str, ...]
    customer_name: str
    business: bool
    address: Address
    signer: str
    signer_email: str
    account_number: str = ""
    account_telephone_number: str = ""
    pin: str = field(default="", repr=False)
    target_date: date | None = None
    bill: bytes = field(default=b"", repr=False)
    bill_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class Port:
    """`states`: of each number; `problem`: what the carrier says is in the way; `due_on`: when it happens."""

    id: str
    state: PortState
    states: tuple[tuple[str, PortState], ...] = ()
    problem: str = ""
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class MessageNews:
    """What became of the message that was sent with `key`. `problem`: why it did not arrive, in words, or
    "". `billed`: whether the carrier takes money for it; it does for one that it sent, arrived or not."""

    key: str
    problem: str = ""
    billed: bool = True


@dataclass(frozen=True, slots=True)
class PortNews:
    """Something is new of the port with the carrier's `id`."""

    id: str


News = MessageNews | PortNews


@dataclass(frozen=True, slots=True)
class CallPrice:
    """A minute to numbers that begin with `prefix` ("+44"; outbound), or on a number of ours of `type`
    (inbound; prefix is the country's). From the `origins` alone, when there are any."""

    direction: Literal["outbound", "inbound"]
    prefix: str
    micros_per_minute: int
    words: str = ""
    type: NumberType | None = None
    origins: tuple[str, ...] = ()
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class UsageLine:
    """One category of a day. `quantity` in `unit`, as the carrier writes them ("12.5", "minutes")."""

    day: date
    category: str
    words: str
    quantity: str
    unit: str
    cost_micros: int
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as the carrier counted it. `started_at`: when the carrier began with it (before the answer).
    `duration_s`: whole seconds from the answer to the end; 0: not answered. `cost_micros`: None while it is
    not priced yet. The numbers are E.164 where the carrier has them so. `sip_call_id`: "" when not told."""

    id: str
    direction: Literal["outbound", "inbound"]
    from_number: str
    to_number: str
    started_at: datetime
    duration_s: int
    status: str
    cost_micros: int | None = None
    currency: str = "USD"
    sip_call_id: str = ""
