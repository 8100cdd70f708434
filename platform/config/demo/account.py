"""The demo's tenant: made once, used again by every later run on the same database."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from apps.agents.models import Agent
from apps.agents.services import create_agent, publish, update_draft
from apps.numbers.models import PhoneNumber
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
KEY_NAME = "demo"


@dataclass(frozen=True)
class DemoAccount:
    """What the demo needs and what it shows at its end."""

    email: str
    password: str
    api_key: str
    reception: str
    reminder: str


def prepare() -> DemoAccount:
    """The tenant `demo` with its owner, its two agents and the number; a fresh password and API key."""
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
        if not PhoneNumber.objects.filter(e164=RECEPTION_NUMBER).exists():
            assign_number(carrier="sandbox", e164=RECEPTION_NUMBER, agent=reception)
    return DemoAccount(EMAIL, password, key, reception.public_id, reminder.public_id)


def _agent(name: str, file: Path, owner: User) -> Agent:
    """The published agent `name`, brought to the configuration in `file` when it differs."""
    config = AgentConfig.model_validate(json.loads(file.read_text(encoding="utf-8")))
    agent = Agent.objects.filter(name=name).first()
    if agent is None:
        agent = create_agent(name=name, config=config, created_by=owner)
    elif agent.draft != config.model_dump(mode="json"):
        update_draft(agent=agent, config=config)
    else:
        return agent
    publish(agent=agent, created_by=owner)
    return agent
