"""The demo's tenant: made once, used again by every later run on the same database."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish, update_draft
from apps.knowledge.models import Document, KnowledgeBase
from apps.knowledge.services.bases import create_base
from apps.knowledge.services.documents import add_text
from apps.numbers.models import PhoneNumber
from apps.numbers.selectors import find_number
from apps.numbers.services import assign_number
from media_workers.contract.agent import AgentConfig
from tenants.models import ApiKey, Tenant, User
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import platform_scope, tenant_scope
from tenants.services import create_api_key, create_tenant, create_user, revoke_api_key

HERE = Path(__file__).parent
SLUG = "demo"
EMAIL = "demo@trunkline.example"
RECEPTION_NUMBER = "+12025550100"
DESK_NUMBER = "+12025550151"
CAMPAIGN_NUMBER = "+12025550152"
LEAFLET = "Leaflet"
KEY_NAME = "demo"


@dataclass(frozen=True)
class DemoAccount:
    """What the demo needs and what it shows at its end."""

    email: str
    password: str
    api_key: str
    reception: str
    reminder: str
    campaign_number: str
    knowledge: str


def prepare(*, shop_port: int) -> DemoAccount:
    """The tenant `demo` with its owner, its agents, their numbers and what they know; a fresh password and
    API key. The desk asks the shop at `shop_port`."""
    password = secrets.token_urlsafe(12)
    with platform_scope():
        owner = User.objects.filter(email=EMAIL).first() or create_user(email=EMAIL)
        owner.set_password(password)
        owner.save()
        tenant = Tenant.objects.filter(slug=SLUG).first() or create_tenant(
            name="Demo", slug=SLUG, owner=owner
        )
    with tenant_scope(tenant.pk):
        for old in ApiKey.objects.filter(name=KEY_NAME, revoked_at=None):
            revoke_api_key(key=old)
        _, key = create_api_key(tenant=tenant, name=KEY_NAME, scopes=ALL_PERMISSIONS, created_by=owner)
        reception = _agent("Reception", HERE / "reception.json", owner)
        reminder = _agent("Reminder", HERE / "reminder.json", owner)
        leaflet = _leaflet()
        desk = _agent("Store", HERE / "desk.json", owner, base=leaflet.public_id, port=shop_port)
        for number, agent in ((RECEPTION_NUMBER, reception), (DESK_NUMBER, desk)):
            if not PhoneNumber.objects.filter(e164=number).exists():
                assign_number(carrier="sandbox", e164=number, agent=agent)
        caller = find_number(CAMPAIGN_NUMBER) or assign_number(carrier="sandbox", e164=CAMPAIGN_NUMBER)
    return DemoAccount(
        EMAIL,
        password,
        key,
        reception.public_id,
        reminder.public_id,
        caller.public_id,
        leaflet.public_id,
    )


def _leaflet() -> KnowledgeBase:
    """What the desk looks things up in."""
    base = KnowledgeBase.objects.filter(name=LEAFLET).first() or create_base(name=LEAFLET)
    if not Document.objects.filter(base=base).exists():
        add_text(base=base, text=(HERE / "leaflet.md").read_text(encoding="utf-8"), title=LEAFLET)
    return base


def _agent(name: str, file: Path, owner: User, *, base: str = "", port: int = 0) -> Agent:
    """The published agent `name`, brought to the configuration in `file` when it differs. With `base` it
    knows that, and its tools ask the server at `port`."""
    document = json.loads(file.read_text(encoding="utf-8"))
    if base:
        document["knowledge"]["bases"] = [base]
        document["tools"][0]["url"] = document["tools"][0]["url"].replace(":1/", f":{port}/")
    config = AgentConfig.model_validate(document)
    agent = Agent.objects.filter(name=name).first()
    if agent is None:
        agent = create_agent(name=name, config=config, created_by=owner)
    elif agent.draft != config.model_dump(mode="json"):
        update_draft(agent=agent, config=config)
    else:
        return agent
    publish(agent=agent, created_by=owner)
    return agent
