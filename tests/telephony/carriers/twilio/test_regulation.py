from __future__ import annotations

from typing import Any

import pytest

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.twilio import TwilioCarrier
from telephony.carriers.values import BundleWish, Paper
from tests.fakes.twilio_server.server import Offer, TwilioServer

LONDON = Offer("+442079460018", country="GB", locality="London", address="local", bundle=True)
REGULATION: dict[str, Any] = {
    "sid": "RN" + "0" * 32,
    "friendly_name": "United Kingdom: Local - Business",
    "iso_country": "GB",
    "number_type": "local",
    "end_user_type": "business",
    "requirements": {
        "end_user": [
            {
                "name": "Business",
                "type": "business",
                "requirement_name": "business_info",
                "detailed_fields": [
                    {"machine_name": "business_name", "friendly_name": "Business Name", "description": ""}
                ],
            }
        ],
        "supporting_document": [
            [
                {
                    "name": "Address",
                    "type": "document",
                    "requirement_name": "local_address_proof",
                    "description": "An address in the United Kingdom",
                    "accepted_documents": [
                        {
                            "name": "Utility bill",
                            "type": "utility_bill",
                            "detailed_fields": [
                                {
                                    "machine_name": "address_sids",
                                    "friendly_name": "Address",
                                    "description": "",
                                }
                            ],
                        }
                    ],
                }
            ]
        ],
    },
}


def _wish(**changed: Any) -> BundleWish:
    wish: dict[str, Any] = {
        "country": "GB",
        "type": "local",
        "owner": "A Company",
        "email": "owner@example.com",
        "business": True,
        "attributes": {"business_name": "A Company"},
        "papers": (Paper("utility_bill", {"issuer": "A Power Company"}, address="AD" + "0" * 32),),
    }
    return BundleWish(**wish | changed)


@pytest.fixture
def london(twilio: TwilioServer) -> Offer:
    twilio.sells(LONDON)
    twilio.account.regulations.append(REGULATION)
    return LONDON


def test_a_number_that_needs_nothing(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.sells(Offer("+12065550123"))

    assert carrier.requirements("US", "local").nothing


def test_a_country_where_nothing_is_sold(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    assert carrier.requirements("AQ", "local").nothing


def test_what_is_asked_for(london: Offer, carrier: TwilioCarrier) -> None:
    told = carrier.requirements("GB", "local")

    assert (told.address, told.bundle, told.nothing) == ("local", True, False)
    identity, document = told.wanted
    assert (identity.kind, identity.words) == ("identity", "Business")
    assert identity.fields == (("business_name", "Business Name"),)
    assert (document.kind, document.words) == ("document", "An address in the United Kingdom")
    assert document.accepted == (("utility_bill", "Utility bill"),)


def test_people_are_asked_for_other_things_than_businesses(london: Offer, carrier: TwilioCarrier) -> None:
    assert not carrier.requirements("GB", "local", business=False).bundle


def test_papers_are_handed_in_accepted_and_buy(
    london: Offer, twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    bundle = carrier.create_bundle(key="bdl-1", wish=_wish())
    with pytest.raises(CarrierRefused) as refused:
        carrier.buy(e164=london.e164, key="order-1", address=_address(twilio), bundle=bundle.id)
    twilio.account.get("BU", bundle.id)["status"] = "twilio-approved"

    assert bundle.state == "pending"
    assert refused.value.code == "bundle_required"
    assert carrier.bundle(bundle.id).state == "approved"
    carrier.buy(e164=london.e164, key="order-1", address=_address(twilio), bundle=bundle.id)
    assert twilio.account.owned == [london.e164]
    [paper] = twilio.account.all("RD")
    assert paper["attributes"] == {"issuer": "A Power Company", "address_sids": ["AD" + "0" * 32]}


def _address(twilio: TwilioServer) -> str:
    return str(twilio.account.add("AD", {})["sid"])


def test_an_attempt_that_broke_off_makes_one(
    london: Offer, twilio: TwilioServer, carrier: TwilioCarrier
) -> None:
    for part in ("/Bundles", "/ItemAssignments", "/SupportingDocuments", "/Evaluations"):
        twilio.trouble("POST", part, when="after")
        with pytest.raises(CarrierDown):
            carrier.create_bundle(key="bdl-1", wish=_wish())

    bundle = carrier.create_bundle(key="bdl-1", wish=_wish())
    again = carrier.create_bundle(key="bdl-1", wish=_wish())

    assert bundle.id == again.id
    assert again.state == "pending"
    assert [row["sid"] for row in twilio.account.all("BU")] == [bundle.id]
    assert len([row for row in twilio.account.all("BV") if row["bundle_sid"] == bundle.id]) == 2


def test_papers_that_lack_something(london: Offer, twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    twilio.account.incomplete = "The business name is missing."

    bundle = carrier.create_bundle(key="bdl-1", wish=_wish())

    assert (bundle.state, bundle.problem) == ("draft", "Business: The business name is missing.")


def test_papers_that_were_rejected(london: Offer, twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    id = carrier.create_bundle(key="bdl-1", wish=_wish()).id
    twilio.account.get("BU", id)["status"] = "twilio-rejected"

    bundle = carrier.bundle(id)

    assert bundle.state == "rejected"
    assert bundle.problem


def test_papers_that_nobody_asks_for(twilio: TwilioServer, carrier: TwilioCarrier) -> None:
    with pytest.raises(CarrierRefused, match="without them"):
        carrier.create_bundle(key="bdl-1", wish=_wish(country="US"))
