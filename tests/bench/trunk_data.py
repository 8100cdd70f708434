"""Tenants on one carrier for the benchmark of the edge: trunks, numbers, agents, and the calls of a month."""

from __future__ import annotations

import psycopg

TENANTS, TRUNKS, NUMBERS = 100, 3, 3
"""Trunks are each tenant's, numbers each trunk's."""

CALLS = 100_000
"""Calls that are over: what a decision has to find its way past."""


def numbers() -> list[str]:
    """Every number that can be called."""
    return [f"+1202555{n:04}" for n in range(TENANTS * TRUNKS * NUMBERS)]


def code(source: str) -> str:
    """For `manage.py shell`. Calls come from `source`, the address of the carrier that all tenants share."""
    return f"""
from apps.agents.models import Agent, AgentVersion
from apps.numbers.models import PhoneNumber
from media_workers.contract.agent import AgentConfig, ScriptModel, ScriptNode
from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway, new_slug
from tenants.models import Tenant
from tenants.scope import platform_scope
config = AgentConfig(model=ScriptModel(nodes={{"start": ScriptNode(say="Hello.")}}))
draft = config.model_dump(mode="json")
with platform_scope():
    tenants = Tenant.objects.bulk_create(
        Tenant(name=f"Tenant {{n}}", slug=f"tenant-{{n}}") for n in range(1, {TENANTS} + 1))
    agents = Agent.objects.bulk_create(Agent(tenant=t, name="Reception", draft=draft) for t in tenants)
    versions = AgentVersion.objects.bulk_create(
        AgentVersion(tenant=a.tenant, agent=a, number=1, config=draft) for a in agents)
    for agent, version in zip(agents, versions):
        agent.published_version = version
    Agent.objects.bulk_update(agents, ["published_version"])
    trunks = Trunk.objects.bulk_create(
        Trunk(tenant=a.tenant, name=f"Trunk {{n}}", slug=new_slug(), country="US",
              max_concurrent_calls=10_000, max_calls_per_second=10_000)
        for a in agents for n in range({TRUNKS}))
    TrunkGateway.objects.bulk_create(
        TrunkGateway(tenant=t.tenant, trunk=t, host="203.0.113.9", port=5060) for t in trunks)
    TrunkAddress.objects.bulk_create(
        TrunkAddress(tenant=t.tenant, trunk=t, network=network)
        for n, t in enumerate(trunks) for network in ("{source}/32", f"198.51.100.{{n % 256}}/32"))
    owners = [(trunk, agents[n // {TRUNKS}]) for n, trunk in enumerate(trunks) for _ in range({NUMBERS})]
    PhoneNumber.objects.bulk_create(
        PhoneNumber(tenant=t.tenant, e164=f"+1202555{{n:04}}", carrier="byoc", trunk=t, agent=a)
        for n, (t, a) in enumerate(owners))
"""


_OVER = f"""
INSERT INTO calls_call (
  id, created_at, updated_at, tenant_id, agent_id, number_id, trunk_id, direction, test, state, from_number,
  to_number, variables, metadata, sip_call_id, source_address, ringing_at, answered_at, ended_at, duration_ms,
  end_reason, end_detail, sip_reason, slots, last_seq, job_id, hangup_reason, gateway, one_way, transport,
  remote_agent, codec, srtp)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
        || '8' || substr(md5(n::text), 5, 15))::uuid,
       at, at, tenant_id, agent_id, id, trunk_id, 'inbound', false, 'ended', '+14155550100', e164, '{{}}', '{{}}',
       md5(n::text), '198.51.100.7', at, at, at + interval '1 minute', 60000, 'caller_hung_up', '', '', '{{}}',
       3, '', '', '', '', 'udp', '', 'PCMU', false
  FROM (SELECT n, now() - interval '30 days' * (n::float / {CALLS}) AS at FROM generate_series(1, {CALLS}) n) made
  JOIN (SELECT *, row_number() OVER (ORDER BY e164) AS place, count(*) OVER () AS many
          FROM numbers_phonenumber) number ON place = 1 + n % many
"""  # noqa: E501, S608


def add_calls(database_url: str) -> None:
    """The month's calls."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.platform', 'on', false)")
        # Made whole at once: no row of theirs changes late, and triggers would look at each.
        connection.execute("ALTER TABLE calls_call DISABLE TRIGGER USER")
        connection.execute(_OVER)
        connection.execute("ALTER TABLE calls_call ENABLE TRIGGER USER")
        connection.execute("VACUUM (ANALYZE)")
