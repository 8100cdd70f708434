"""Webhooks as people set them up: an endpoint and its log, a receiver that fails, hooks that are asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose, confirm, told
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.sip.wait import until

WEBHOOKS = "/t/listeners/webhooks"


class Decider(BaseHTTPRequestHandler):
    """A server of the tenant's that refuses every call."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"action": "reject", "code": 603, "reason": "The caller is blocked."}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@pytest.fixture
def decider() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Decider) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/decide"
        server.shutdown()


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def listener(product: Product) -> Person:
    return product.person("listener", tenant="listeners")


def test_an_endpoint_is_made_tried_and_gets_a_new_secret(
    listener: Person, receiver: WebhookReceiver, open_page: Callable[..., Page]
) -> None:
    page = open_page(WEBHOOKS, listener)
    expect(page.get_by_text("Nobody is told yet")).to_be_visible()
    page.get_by_role("link", name="New endpoint").click()
    secret = _make(page, receiver.url)
    page.get_by_role("link", name="Go on to the endpoint").click()
    _send_test(page, "call.ended")
    _see_it_delivered(page)
    until(lambda: receiver.received, "the test has come")
    receiver.verify(secret)
    assert receiver.received[0].headers["x-team"] == "reception"
    newer = _rotate(page)
    page.get_by_role("tab", name="Deliveries").click()
    page.get_by_role("table").get_by_role("button", name="call.ended").click()
    page.get_by_role("dialog", name="Delivery").get_by_role("button", name="Send again").click()
    told(page, "It is sent again")
    until(lambda: len(receiver.received) == 2, "it has come again")
    assert receiver.received[0].id == receiver.received[1].id
    receiver.verify(secret)
    receiver.received.pop(0)
    receiver.verify(newer)
    page.keyboard.press("Escape")
    _change(page)


def _make(page: Page, url: str) -> str:
    """What is wrong first: each reason stands at its field, and nothing typed is lost. Gives the secret."""
    address = page.get_by_role("textbox", name="Address")
    address.fill("hooks.example.com")
    page.get_by_role("radio", name="Only these").check()
    create = page.get_by_role("button", name="Create the endpoint")
    create.click()
    expect(page.get_by_text("Give a whole address, like")).to_be_visible()
    expect(page.get_by_text("Choose at least one event, or all.")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("come to be later: Calls$")).check()
    expect(page.get_by_role("checkbox", name=re.compile(r"^call\.ended"))).to_be_checked()
    page.get_by_role("button", name="Add a header").click()
    page.get_by_role("textbox", name="Name of header 1").fill("X-Team")
    page.get_by_role("textbox", name="Value of header 1").fill("reception")
    address.fill("http://user:pass@192.0.2.7/hook")
    create.click()
    expect(address).to_have_attribute("aria-invalid", "true")
    look(page, "webhook-new-fault")
    address.fill(url)
    create.click()
    expect(page.get_by_role("heading", level=1, name="The endpoint is set up")).to_be_visible()
    for language, words in (("TypeScript", "createHmac"), ("Go", "hmac.New"), ("Python", "standardwebhooks")):
        page.get_by_role("tab", name=language).click()
        expect(page.get_by_role("region", name=language)).to_contain_text(words)
    look(page, "webhook-made")
    return _secret(page.get_by_role("alert").filter(has_text="shown once"))


def _secret(around: Locator) -> str:
    secret = around.locator("code").inner_text()
    assert secret.startswith("whsec_")
    return secret


def _send_test(page: Page, event: str) -> None:
    page.get_by_role("button", name="Send a test").click()
    dialog = page.get_by_role("dialog", name="Send a test")
    choose(dialog.get_by_role("combobox", name="Event"), event)
    dialog.get_by_role("button", name="Send it").click()
    expect(dialog).to_have_count(0)


def _see_it_delivered(page: Page) -> None:
    drawer = page.get_by_role("dialog", name="Delivery")
    expect(drawer.get_by_text("Delivered", exact=True)).to_be_visible()
    expect(drawer.get_by_role("region", name="Body of the request")).to_contain_text('"test": true')
    answer = drawer.get_by_role("region", name="Answer", exact=True)
    expect(answer.get_by_text("200", exact=True)).to_be_visible()
    expect(drawer.get_by_role("rowheader", name="webhook-signature")).to_be_visible()
    look(page, "webhook-delivery")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    look(page, "webhook-log")


def _rotate(page: Page) -> str:
    page.get_by_role("tab", name="Signature").click()
    page.get_by_role("button", name="New secret").click()
    dialog = page.get_by_role("dialog", name="New secret")
    expect(dialog.get_by_role("radio", name="one more day")).to_be_checked()
    dialog.get_by_role("button", name="Make a new one").click()
    expect(dialog.get_by_text("The old one signs as well until")).to_be_visible()
    secret = _secret(dialog)
    dialog.get_by_role("button", name="I have copied it").click()
    expect(dialog).to_have_count(0)
    return secret


def _change(page: Page) -> None:
    """The header's value stays, though nobody sees it."""
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("textbox", name="Value of header 1")).to_have_attribute(
        "placeholder", "Stored; empty keeps it"
    )
    page.get_by_role("textbox", name="Description").fill("The CRM")
    look(page, "webhook-settings")
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Saved.")
    expect(page.get_by_role("heading", level=1, name="The CRM")).to_be_visible()
    page.get_by_role("link", name="Webhooks").first.click()
    row = page.get_by_role("row").filter(has_text="The CRM")
    expect(row).to_contain_text("call.*")
    expect(row).to_contain_text("Active")


def test_a_receiver_that_is_down_is_seen_and_made_good(
    listener: Person, receiver: WebhookReceiver, open_page: Callable[..., Page]
) -> None:
    endpoint = listener.api.post("/webhooks", {"url": receiver.url, "description": "Falls"})["id"]
    receiver.manner = "fail"
    page = open_page(f"{WEBHOOKS}/{endpoint}", listener)
    _send_test(page, "call.started")
    drawer = page.get_by_role("dialog", name="Delivery")
    expect(drawer.get_by_text("500", exact=True).first).to_be_visible()
    expect(drawer.get_by_text("The next attempt is made")).to_be_visible()
    look(page, "webhook-delivery-fails")
    page.keyboard.press("Escape")
    receiver.manner = "gone"
    _send_test(page, "call.ended")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing is sent to this endpoint")).to_be_visible()
    expect(page.get_by_text(re.compile("410"))).not_to_have_count(0)
    look(page, "webhook-disabled")
    receiver.manner = "ok"
    page.get_by_role("button", name="Switch on").click()
    told(page, "Switched on.")
    expect(page.get_by_text("Nothing is sent to this endpoint")).to_have_count(0)
    _replay(page, listener, endpoint, receiver)


def _replay(page: Page, listener: Person, endpoint: str, receiver: WebhookReceiver) -> None:
    """What was given up goes out again, once it was counted."""
    page.get_by_role("button", name="More that can be done to this endpoint").click()
    page.get_by_role("menuitem", name="Send again").click()
    dialog = page.get_by_role("dialog", name="Send again")
    dialog.get_by_role("button", name="Count them").click()
    expect(dialog.get_by_role("status")).to_contain_text(re.compile(r"\d+ deliver.+ would be sent again"))
    look(page, "webhook-replay")
    dialog.get_by_role("button", name=re.compile(r"^Send \d+ again")).click()
    expect(dialog).to_have_count(0)

    def delivered() -> list[Any]:
        found = listener.api.get(f"/webhooks/{endpoint}/deliveries", state="delivered")["results"]
        return [one for one in found if one["round"] > 0]

    until(delivered, "what was given up has been delivered", 60, every_s=0.5)
    expect(page.get_by_role("row").filter(has_text="sent again").first).to_contain_text("Delivered")
    page.get_by_role("button", name="More that can be done to this endpoint").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Delete"))
    dialog.get_by_role("button", name="Delete", exact=True).click()
    told(page, "is deleted.")
    expect(page.get_by_role("link", name="Falls")).to_have_count(0)


def test_the_catalogue_shows_fields_and_a_whole_message(
    listener: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{WEBHOOKS}?tab=events", listener)
    page.get_by_role("searchbox", name="Find an event").fill("ended")
    page.get_by_text("call.ended", exact=True).click()
    message = page.get_by_role("region", name="A message of call.ended")
    expect(message).to_contain_text('"type": "call.ended"')
    expect(page.get_by_role("columnheader", name="Field", exact=True)).to_be_visible()
    look(page, "webhook-event")
    page.get_by_role("searchbox", name="Find an event").fill("no such thing")
    expect(page.get_by_text("No event of that name.")).to_be_visible()


def test_a_hook_is_set_up_tried_and_deleted(
    listener: Person, decider: str, receiver: WebhookReceiver, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{WEBHOOKS}?tab=hooks", listener)
    hook = page.get_by_role("region", name="Before an inbound call is answered")
    hook.get_by_role("button", name="Set it up").click()
    hook.get_by_role("textbox", name="Address").fill(decider)
    deadline = hook.get_by_role("textbox", name="Deadline")
    deadline.fill("9000")
    hook.get_by_role("button", name="Set it up").click()
    expect(hook.get_by_text("Between 100 and 5000 ms.")).to_be_visible()
    deadline.fill("5000")
    hook.get_by_role("button", name="Set it up").click()
    _secret(hook.get_by_role("alert").filter(has_text="shown once"))
    hook.get_by_role("button", name="Try it").click()
    expect(hook.get_by_text("It answers as it should")).to_be_visible()
    expect(hook.get_by_role("region", name="What it decided")).to_contain_text('"code": 603')
    look(page, "webhook-hooks")
    hook.get_by_role("textbox", name="Address").fill(receiver.url)
    hook.get_by_role("button", name="Save", exact=True).click()
    told(page, "Saved.")
    receiver.manner = "fail"
    hook.get_by_role("button", name="Try it").click()
    expect(hook.get_by_text("It would be passed over")).to_be_visible()
    expect(hook.get_by_text("It answered 500").first).to_be_visible()
    look(page, "webhook-hook-fails")
    hook.get_by_role("button", name="Delete", exact=True).click()
    confirm(page, "Delete this hook?", "Delete")
    expect(hook.get_by_text("Nobody is asked.")).to_be_visible()
