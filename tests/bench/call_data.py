"""A million calls of 200 tenants for the benchmarks, made inside PostgreSQL in a minute or two.

Tenants differ in size: the largest has a sixth of all calls, the smallest a thousand. Ids and times
are what the program would have made over 90 days. A third of the calls has a recording; one in
twenty has its turns and events, because nobody asks for the others.
"""

from __future__ import annotations

import psycopg

from media_workers.contract.events import MediaStats

CALLS = 1_000_000
TENANTS = 200
DAYS = 90
DETAILED = 20
"""One call in so many has turns and events."""

EVENTS = 24

# UUIDv7 (RFC 9562) of a time: 48 bits of milliseconds, the version, then bits made from a number.
_ID = """
CREATE FUNCTION pg_temp.id_at(at timestamptz, salt text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(salt), 1, 3)
          || '8' || substr(md5(salt), 5, 15))::uuid
$$
"""
AGENTS = ("Reception", "Bookings", "Survey", "Reminder", "Night line")
TENANTS_CODE = f"""
from apps.agents.models import Agent
from tenants.models import Tenant
from tenants.scope import platform_scope
with platform_scope():
    tenants = Tenant.objects.bulk_create(
        Tenant(name=f"Tenant {{n}}", slug=f"tenant-{{n}}") for n in range(1, {TENANTS} + 1)
    )
    Agent.objects.bulk_create(
        Agent(tenant=tenant, name=name, draft={{}}) for tenant in tenants for name in {AGENTS}
    )
"""
"""For `manage.py shell`: the tenants, ``tenant-1`` being the largest, each with its agents."""

_AGENTS = """
CREATE TEMP TABLE bench_agent AS
SELECT split_part(slug, '-', 2)::int AS tenant, tenant_id, agent.id,
       row_number() OVER (PARTITION BY tenant_id ORDER BY agent.id) AS place
  FROM agents_agent AS agent JOIN tenants_tenant AS tenant ON tenant.id = tenant_id
"""
_MEDIA = MediaStats(codec="PCMU", rx_packets=4000).model_dump_json(exclude={"type"})
_CALLS = f"""
INSERT INTO calls_call (
  id, created_at, updated_at, tenant_id, agent_id, direction, test, state, from_number, to_number,
  variables, metadata, sip_call_id, source_address, queued_at, dialing_at, ringing_at, answered_at, ended_at,
  duration_ms, end_reason, end_detail, sip_code, sip_reason, slots, media, last_seq, last_event_at, job_id,
  hangup_reason, gateway, one_way, transport, remote_agent, codec, srtp, mos)
SELECT
       pg_temp.id_at(at, 'call' || n), at, at, agent.tenant_id, agent.id, direction, n % 10 = 0, 'ended',
       CASE direction WHEN 'outbound' THEN own ELSE far END,
       CASE direction WHEN 'outbound' THEN far ELSE own END,
       '{{"day": "Monday"}}', '{{}}', md5('sip' || n), '198.51.100.7', at, at, at,
       CASE WHEN answered THEN at + interval '4 seconds' END,
       at + interval '4 seconds' + took * interval '1 ms',
       CASE WHEN answered THEN took ELSE 0 END, reason, '', CASE WHEN answered THEN 200 ELSE 486 END, '',
       '{{"day": "monday"}}', '{_MEDIA}', {EVENTS}, at, '', '',
       '203.0.113.9:5060/udp', '', 'udp', 'Carrier', 'PCMU', false, 4.3
  FROM (
    SELECT n, now() - interval '{DAYS} days' * (1 - n::float / {CALLS}) AS at,
           floor({TENANTS} * power(random(), 3))::int + 1 AS tenant, 1 + floor(random() * 5)::int AS which,
           random() < 0.8 AS answered, (5000 + random() * 240000)::int AS took,
           '+1202' || lpad(floor(random() * 10000000)::text, 7, '0') AS far,
           '+1415555' || lpad(floor(random() * 100)::text, 4, '0') AS own,
           CASE WHEN random() < 0.6 THEN 'inbound' ELSE 'outbound' END AS direction, random() AS chance
      FROM generate_series(1, {CALLS}) AS n OFFSET 0) AS made
  JOIN bench_agent AS agent ON agent.tenant = made.tenant AND agent.place = made.which
 CROSS JOIN LATERAL (SELECT CASE
    WHEN chance < 0.0005 THEN 'provider_failed' WHEN NOT answered THEN 'no_answer'
    WHEN chance < 0.5 THEN 'caller_hung_up' ELSE 'agent_hung_up' END AS reason) AS ending
"""  # noqa: S608
_RECORDINGS = """
INSERT INTO calls_recording (
  id, created_at, updated_at, tenant_id, call_id, storage_key, duration_ms, size_bytes, sha256, peaks)
SELECT pg_temp.id_at(created_at, 'rec' || id), created_at, created_at, tenant_id, id, 'files/' || id,
       duration_ms, duration_ms * 32, md5(id::text) || md5(id::text), decode(repeat('7f', 2000), 'hex')
  FROM calls_call WHERE get_byte(uuid_send(id), 15) % 3 = 0
"""
_DETAILED = f"get_byte(uuid_send(id), 14) % {DETAILED} = 0"
_EVENTS = f"""
INSERT INTO calls_callevent (id, created_at, updated_at, tenant_id, call_id, seq, type, at, body)
SELECT pg_temp.id_at(created_at + seq * interval '1 second', 'event' || seq || id), created_at, created_at,
       tenant_id, id, seq, kind, created_at + seq * interval '1 second',
       jsonb_build_object('type', kind, 'index', seq, 'speaker', 'agent', 'text', repeat('words ', 10))
  FROM calls_call, generate_series(1, {EVENTS}) AS seq,
       LATERAL (SELECT CASE WHEN seq % 3 = 0 THEN 'sip' ELSE 'turn' END AS kind) AS kinds
 WHERE {_DETAILED}
"""  # noqa: S608
_TURNS = f"""
INSERT INTO calls_turn (
  id, created_at, updated_at, tenant_id, call_id, seq, index, speaker, text, start_ms, end_ms,
  interrupted, dtmf, total_ms, own_ms, first_token_ms, passed_over,
  stt_vendor, stt_model, llm_vendor, llm_model, tts_vendor, tts_model)
SELECT pg_temp.id_at(created_at + n * interval '1 second', 'turn' || n || id),
       created_at + n * interval '1 second', created_at, tenant_id, id, n, n,
       CASE WHEN n % 2 = 0 THEN 'agent' ELSE 'caller' END, repeat('words ', 10), n * 1000, n * 1000 + 900,
       false, false, CASE WHEN n % 2 = 0 THEN 400 + (random() * 900)::int END, 5,
       CASE WHEN n % 2 = 0 THEN 100 + (random() * 400)::int END, false,
       '', '', CASE WHEN n % 2 = 0 THEN 'openai' ELSE '' END,
       CASE WHEN n % 2 = 0 THEN 'fast' ELSE '' END, '', ''
  FROM calls_call, generate_series(1, 16) AS n
 WHERE {_DETAILED}
"""  # noqa: S608


def fill(database_url: str) -> None:
    """Fills a database that has the tenants. The foreign keys of its calls are gone afterwards."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.platform', 'on', false)")
        connection.execute(_ID)
        connection.execute(_AGENTS)
        connection.execute("ANALYZE bench_agent")
        indexes = _drop_indexes(connection)
        for statement in (_CALLS, _RECORDINGS, _EVENTS, _TURNS):
            connection.execute(statement)
        for definition in indexes:
            connection.execute(definition)
        for table in ("calls_call", "calls_recording", "calls_callevent", "calls_turn", "agents_agent"):
            connection.execute(f"VACUUM (ANALYZE) {table}")


def _drop_indexes(connection: psycopg.Connection) -> list[str]:
    """Drops what makes inserting slow; the statements that make the indexes again."""
    for table, name in connection.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint"
        " WHERE contype = 'f' AND (conrelid::regclass::text LIKE 'calls\\_%'"
        " OR confrelid::regclass::text LIKE 'calls\\_%')"
    ).fetchall():
        connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN"
        " ('calls_call', 'calls_recording', 'calls_callevent', 'calls_turn')"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)"
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]
