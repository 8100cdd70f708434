"""Calls as people watch them: placed, live on two pages, ended, and found again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from media_workers.contract.pcap import FILE_HEADER
from tests.browser.product import Person, Product
from tests.browser.walking import choose, confirm, told
from tests.journeys import agents

NUMBER = "+12025556011"
TALKS, SILENT, BUSY = "+12025550101", "+12025550105", "+12025550107"
TALK_MS = 90_000
"""Both sides speak at the speed of speech."""

CALLS, LIVE = "/t/callhouse/calls", "/t/callhouse/calls/live"


@pytest.fixture(scope="module")
def dispatcher(product: Product) -> Person:
    """Works where one agent asks and another waits in silence."""
    owner = product.person("dispatcher", tenant="callhouse")
    asks = owner.api.agent("Asks", agents.reminder())
    patient = agents.reminder(silence={"prompt_after_ms": 60_000, "prompts": ["Hello?"]})
    owner.api.agent("Waits", patient)
    owner.api.post("/numbers", {"carrier": "sandbox", "e164": NUMBER, "agent": asks})
    return owner


class Wire:
    """The page's live sockets, which lead to the real server until they are cut."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._ends: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/ws/v1/calls/"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close(code=1001)
        else:
            self._ends += [socket, socket.connect_to_server()]

    def cut(self) -> None:
        """Ends what is open and whatever is tried next."""
        self._is_cut = True
        for end in self._ends:
            end.close(code=1001)
        self._ends.clear()

    def mend(self) -> None:
        self._is_cut = False


def test_a_call_is_watched_from_the_first_ring_to_its_recording(
    dispatcher: Person, open_page: Callable[..., Page]
) -> None:
    wall = open_page(LIVE, dispatcher)
    expect(wall.get_by_role("heading", name="Nobody is on the line")).to_be_visible()
    page = open_page(CALLS, dispatcher)
    wire = Wire(page)
    page.reload()
    _place(page, TALKS, typed_first="0101")
    card = _card(wall, "+1 202 555 0101")
    expect(card.get_by_text("In progress")).to_be_visible()
    expect(page.get_by_text("This call is running: what you see is live.")).to_be_visible()
    wire.cut()
    lost = page.get_by_text("The connection was lost; trying again.")
    expect(lost).to_be_visible()
    asked, answered = re.compile("Will you come"), re.compile("yes please", re.IGNORECASE)
    expect(card.get_by_role("log").get_by_text(asked)).to_be_visible(timeout=TALK_MS)
    wire.mend()
    expect(card.get_by_role("log").get_by_text(answered)).to_be_visible(timeout=TALK_MS)
    expect(card.get_by_text("Agent ended it")).to_be_visible(timeout=TALK_MS)
    expect(page.get_by_text("The agent ended the conversation.")).to_be_visible(timeout=TALK_MS)
    expect(lost).to_have_count(0)
    transcript = page.get_by_role("region", name="Transcript")
    for words in (asked, answered):
        expect(transcript.get_by_role("button", name=words)).to_have_count(1)
    expect(page.get_by_role("button", name="End the call")).to_have_count(0)
    _listen_to_the_recording(page)
    _read_the_ladder(page)
    _read_the_quality(page)
    _read_the_account(page)


def _place(page: Page, number: str, *, agent: str = "Asks", typed_first: str | None = None) -> None:
    """Ends on the call's own page. `typed_first` is no number: the form says so and waits."""
    page.get_by_role("button", name="Place a call").first.click()
    form = page.get_by_role("dialog", name="Place a call")
    to = form.get_by_role("textbox", name="To")
    if typed_first is not None:
        to.fill(typed_first)
        to.press("Tab")
        expect(form.get_by_text(re.compile("Write the number like"))).to_be_visible()
    to.fill(number)
    to.press("Tab")
    choose(form.get_by_role("combobox", name="Agent"), agent)
    form.get_by_role("button", name="Call", exact=True).click()
    page.wait_for_url(re.compile("/calls/call_"))


def _card(wall: Page, number: str) -> Locator:
    return wall.get_by_role("listitem").filter(has=wall.get_by_role("heading", name=number))


def _listen_to_the_recording(page: Page) -> None:
    """The waveform is drawn, the player plays, and a click on a turn jumps there."""
    position = page.get_by_role("slider", name="Position")
    expect(position.locator("canvas").first).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(position).not_to_have_attribute("aria-valuenow", "0")
    page.get_by_role("button", name="Pause", exact=True).click()
    transcript = page.get_by_role("region", name="Transcript")
    transcript.get_by_role("button", name=re.compile("yes please", re.IGNORECASE)).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def _read_the_ladder(page: Page) -> None:
    page.get_by_role("button", name=re.compile("INVITE from Trunkline to ")).first.click()
    expect(page.get_by_label("INVITE", exact=True)).to_contain_text(f"INVITE sip:{TALKS}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Packets (pcap)").click()
    assert download.value.path().read_bytes().startswith(FILE_HEADER)


def _read_the_quality(page: Page) -> None:
    quality = page.get_by_role("region", name="Quality")
    expect(quality.get_by_text(re.compile(r"MOS \d\.\d\d of the worse direction"))).to_be_visible()
    expect(quality.get_by_text("PCMU, 20 ms")).to_be_visible()
    expect(quality.get_by_text("RTP, not encrypted")).to_be_visible()


def _read_the_account(page: Page) -> None:
    """An answer to the millisecond: its parts, who served it, and what it was made of."""
    times = page.get_by_role("region", name="Response times")
    times.get_by_role("button", name=re.compile("to the millisecond")).last.click()
    parts = times.get_by_role("listitem")
    for part in ("End of speech", "Transcript PocketSphinx", "First sound Flite", "Platform"):
        expect(parts.filter(has_text=re.compile(rf"^{part}\s*\d+ – \d+ ms$"))).to_be_visible()
    expect(times.get_by_role("heading", name="Who served this call")).to_be_visible()
    expect(times.get_by_text(re.compile(r"characters spoken")).last).to_be_visible()


def test_a_call_is_ended_from_the_wall_and_a_busy_phone_says_so(
    dispatcher: Person, open_page: Callable[..., Page]
) -> None:
    wall = open_page(LIVE, dispatcher)
    page = open_page(CALLS, dispatcher)
    _place(page, SILENT, agent="Waits")
    card = _card(wall, "+1 202 555 0105")
    expect(card.get_by_text("In progress")).to_be_visible()
    card.get_by_role("button", name="End", exact=True).click()
    confirm(wall, "End the call with +1 202 555 0105?", "End the call")
    expect(card.get_by_text("Ended by you or a program")).to_be_visible()
    expect(page.get_by_text("The call was ended from the API.")).to_be_visible()
    page.goto(f"/t/callhouse/agents/{_agent(dispatcher, 'Asks')}")
    _place_by_its_agent(page)
    expect(page.get_by_text("The line was busy.")).to_be_visible()
    expect(page.get_by_text("There is no recording: the call was not answered.")).to_be_visible()
    _find_again(page)


def _agent(person: Person, name: str) -> str:
    found = person.api.get("/agents", q=name)["results"]
    return next(str(agent["id"]) for agent in found if agent["name"] == name)


def _place_by_its_agent(page: Page) -> None:
    """The agent is chosen already; the phone is picked from those of the sandbox."""
    page.get_by_role("button", name="Place a call").click()
    form = page.get_by_role("dialog", name="Place a call")
    expect(form.get_by_role("combobox", name="Agent")).to_have_value("Asks")
    form.get_by_role("radio", name="+1 202 555 0107").click()
    expect(form.get_by_role("textbox", name="To")).to_have_value(BUSY)
    form.get_by_role("button", name="Call", exact=True).click()
    page.wait_for_url(re.compile("/calls/call_"))


def _find_again(page: Page) -> None:
    """Filters stand in the address; a view keeps them under a name."""
    page.goto(CALLS)
    rows = page.get_by_role("row").filter(has=page.get_by_role("link", name=re.compile("Call from")))
    expect(rows.filter(has_text="+1 202 555 0105")).to_have_count(1)
    page.get_by_role("button", name="Filters", exact=True).click()
    choose(page.get_by_role("combobox", name="How it ended"), "Busy")
    page.wait_for_url(re.compile("end_reason=.*busy"))
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("+1 202 555 0107")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("menuitem", name="Save as a view …").click()
    page.get_by_role("dialog", name="Save this view").get_by_role("textbox", name="Name").fill("Engaged")
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "View “Engaged” saved.")
    page.reload()
    expect(page.get_by_role("button", name="Engaged", exact=True)).to_be_visible()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear all").click()
    expect(rows.filter(has_text="+1 202 555 0105")).to_have_count(1)
    page.get_by_role("button", name="Views", exact=True).click()
    page.get_by_role("menuitem", name="Engaged").click()
    expect(rows).to_have_count(1)
