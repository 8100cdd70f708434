"""`manage.py demo_calls`: plays the demo's calls against the program that runs (see `demo`)."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console

from config.demo import account, campaign, report, scenario
from config.demo.client import Api, DemoError, Live
from config.demo.shop import PORT_VARIABLE, open_shop
from config.local.environment import LocalConfig, given_environment


class Command(BaseCommand):
    help = "Plays calls in and out and a campaign over the sandbox phones and shows what came of them."

    def handle(self, *args: Any, **options: Any) -> None:
        console = Console(width=None if sys.stdout.isatty() else 150)
        try:
            kept = self._play(console)
        except DemoError as error:
            self.stderr.write(self.style.ERROR(str(error)))
            sys.exit(1)
        sys.exit(0 if kept else 1)

    def _play(self, console: Console) -> bool:
        """Whether everything came as promised."""
        demo = account.prepare(shop_port=int(os.environ.get(PORT_VARIABLE) or open_shop()))
        local = LocalConfig.from_environment(given_environment())
        url, sip = local.web_url, local.calls_come_to
        api = Api(url, demo.api_key)
        live = Live(api, report.LiveTranscript(console).show)
        try:
            outcomes = [scenario.inbound(api, sip, account.RECEPTION_NUMBER, console.print)]
            outcomes += [scenario.desk(api, sip, account.DESK_NUMBER, demo.knowledge, console.print)]
            outcomes += scenario.outbound(api, demo.reminder, account.RECEPTION_NUMBER, console.print)
        finally:
            live.close()
        contacts = campaign.run(api, demo.reminder, demo.campaign_number, console.print)
        console.print(report.table(outcomes))
        console.print(report.campaign_table(contacts))
        console.print("Recordings (stereo: the caller left, the agent right)")
        for line in report.recordings(outcomes, local.data_dir / "recordings"):
            console.print(f"  {line}", soft_wrap=True, highlight=False)
        console.print(f"API        {url}/api/v1/   key: {demo.api_key}", soft_wrap=True, highlight=False)
        console.print(f"API docs   {url}/api/v1/docs", highlight=False)
        console.print(f"Dashboard  {url}/   {demo.email}  {demo.password}", highlight=False)
        console.print(f"           or sign up at {url}/signup: mails are shown here", highlight=False)
        for number in (account.RECEPTION_NUMBER, account.DESK_NUMBER):
            console.print(f"Call it    sip:{number}@{sip}", highlight=False)
        return not (any(outcome.broken for outcome in outcomes) or campaign.broken(contacts))
