from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import agent_config_for_call, get_agent, list_agents, list_versions
from apps.agents.services import archive_agent, create_agent, publish, roll_back, update_draft
from apps.numbers.services import assign_number, release_number
from media_workers.contract.agent import OpenAICompatibleModel
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_member, make_tenant, script_config

pytestmark = pytest.mark.django_db

LLM = {"provider": "openai_compatible", "base_url": "https://llm.example/v1", "model": "m"}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def agent(tenant: Tenant, in_scope: None) -> Agent:
    return create_agent(name=" Reception ", config=script_config())


@pytest.fixture
def in_scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


def reload(agent: Agent) -> Agent:
    return get_agent(agent.pk)


def test_a_new_agent_has_a_draft_only(agent: Agent) -> None:
    assert agent.name == "Reception"
    assert agent.published_version is None
    assert agent.draft == script_config().model_dump(mode="json")


def test_an_agent_needs_a_name(in_scope: None) -> None:
    with pytest.raises(InvalidInput) as refused:
        create_agent(name="  ", config=script_config())
    assert refused.value.field == "name"


def test_publishing_freezes_the_draft(agent: Agent, tenant: Tenant) -> None:
    author = make_member(tenant)
    first = publish(agent=agent, note="first", created_by=author)
    update_draft(agent=agent, config=script_config(first_message="Changed."))
    second = publish(agent=agent)

    assert [v.number for v in list_versions(agent)] == [2, 1]
    assert reload(agent).published_version == second
    assert (first.note, first.created_by) == ("first", author)
    assert agent_config_for_call(first).first_message == "Hello, {{name}}."
    assert agent_config_for_call(second).first_message == "Changed."


def test_a_changed_draft_does_not_take_calls(agent: Agent) -> None:
    publish(agent=agent)
    update_draft(agent=agent, name="Renamed", config=script_config(first_message="Changed."))

    version = reload(agent).published_version
    assert version is not None
    assert agent_config_for_call(version).first_message == "Hello, {{name}}."
    assert reload(agent).name == "Renamed"


def test_rolling_back_lets_the_old_version_speak_again(agent: Agent) -> None:
    first = publish(agent=agent)
    publish(agent=agent)
    update_draft(agent=agent, config=script_config(first_message="Draft."))

    assert roll_back(agent=agent, number=1) == first

    assert reload(agent).published_version == first
    assert reload(agent).draft["first_message"] == "Draft."
    assert publish(agent=agent).number == 3


def test_a_version_that_was_never_published_is_named(agent: Agent) -> None:
    with pytest.raises(InvalidInput) as refused:
        roll_back(agent=agent, number=1)
    assert (refused.value.field, refused.value.code) == ("number", "unknown_version")


@pytest.mark.parametrize("change", [{"number": 9}, {"config": {}}, {"note": "x"}])
def test_a_published_version_never_changes(agent: Agent, change: dict[str, object]) -> None:
    version = publish(agent=agent)

    with pytest.raises((InternalError, ProgrammingError), match="cannot be changed"), transaction.atomic():
        AgentVersion.objects.filter(pk=version.pk).update(**change)


def test_a_version_survives_its_author(agent: Agent, tenant: Tenant) -> None:
    author = make_member(tenant)
    version = publish(agent=agent, created_by=author)

    author.delete()

    version.refresh_from_db()
    assert version.created_by is None


def test_the_models_key_is_kept_removed_and_published(in_scope: None) -> None:
    agent = create_agent(name="LLM", config=script_config(model=LLM | {"api_key": "sk-1"}))
    assert "sk-1" not in str(agent.draft)

    agent = update_draft(agent=agent, config=script_config(model=LLM | {"temperature": 1}))
    version = publish(agent=agent)
    agent = update_draft(agent=agent, config=script_config(model=LLM | {"api_key": ""}))

    assert agent.draft_api_keys == ""
    model = agent_config_for_call(AgentVersion.objects.get(pk=version.pk)).model
    assert isinstance(model, OpenAICompatibleModel)
    assert (model.api_key, model.temperature) == ("sk-1", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(v)::text FROM agents_agentversion v")
        assert "sk-1" not in cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(row_to_json(e)::text, '') FROM agents_agentevent e")
        assert "api_key" in (events := cursor.fetchone()[0])
        assert "sk-1" not in events


def test_another_model_drops_the_key(in_scope: None) -> None:
    agent = create_agent(name="LLM", config=script_config(model=LLM | {"api_key": "sk-1"}))

    agent = update_draft(agent=agent, config=script_config())

    assert agent.draft_api_keys == ""


def test_an_archived_agent_is_gone_and_its_versions_stay(agent: Agent) -> None:
    version = publish(agent=agent)

    archive_agent(agent=agent)

    assert list(list_agents()) == []
    with pytest.raises(NotFound):
        get_agent(agent.pk)
    with pytest.raises(NotFound):
        publish(agent=agent)
    assert AgentVersion.objects.get() == version


def test_an_agent_that_a_number_reaches_stays(agent: Agent) -> None:
    number = assign_number(carrier="sandbox", agent=agent)

    with pytest.raises(Conflict, match=number.e164.replace("+", r"\+")):
        archive_agent(agent=agent)

    release_number(number=number)
    archive_agent(agent=agent)


@pytest.mark.django_db(transaction=True)
def test_versions_published_at_once_are_numbered_apart(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Busy", config=script_config())

    def publish_one(_: int) -> int:
        try:
            with tenant_scope(tenant.pk):
                return publish(agent=agent).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(publish_one, range(8))) == list(range(1, 9))
