"""A share of the calls for another version than the published one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.agents.models import Agent
from apps.agents.selectors import get_agent, version_for_call
from apps.agents.services import create_agent, end_split, publish, roll_back, split_calls
from tenants.errors import InvalidInput
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db
PEOPLE = [f"+1202555{n:04}" for n in range(1000)]


@pytest.fixture
def agent() -> Iterator[Agent]:
    with tenant_scope(make_tenant().pk):
        agent = create_agent(name="Reception", config=script_config())
        publish(agent=agent)
        publish(agent=agent)
        yield get_agent(agent.pk)


def numbers(agent: Agent) -> list[int]:
    """The version that each of the people reaches."""
    fresh = get_agent(agent.pk)
    found = [version_for_call(fresh, person) for person in PEOPLE]
    return [version.number for version in found if version is not None]


def test_a_share_of_the_people_reaches_the_other_version(agent: Agent) -> None:
    split_calls(agent=agent, number=1, percent=20)
    first = numbers(agent)

    assert 140 < first.count(1) < 260  # 200 of 1000, and 4.7 standard deviations
    assert first.count(1) + first.count(2) == len(PEOPLE)
    assert numbers(agent) == first, "the same person reaches the same version"


def test_more_for_the_other_version_takes_nobody_back(agent: Agent) -> None:
    split_calls(agent=agent, number=1, percent=20)
    before = numbers(agent)
    since = get_agent(agent.pk).split_since
    split_calls(agent=agent, number=1, percent=60)

    assert all(now == 1 for was, now in zip(before, numbers(agent), strict=True) if was == 1)
    assert get_agent(agent.pk).split_since == since


def test_who_hides_their_number_reaches_either(agent: Agent) -> None:
    split_calls(agent=agent, number=1, percent=50)
    fresh = get_agent(agent.pk)

    assert {v.number for v in (version_for_call(fresh, "") for _ in range(200)) if v} == {1, 2}


def test_publishing_rolling_back_and_ending_give_all_calls_to_one_version(agent: Agent) -> None:
    split_calls(agent=agent, number=1, percent=50)
    end_split(agent=agent)
    assert set(numbers(agent)) == {2}
    split_calls(agent=agent, number=1, percent=50)
    publish(agent=agent)
    assert set(numbers(agent)) == {3}
    split_calls(agent=agent, number=2, percent=50)
    roll_back(agent=agent, number=1)
    assert set(numbers(agent)) == {1}


@pytest.mark.parametrize(
    ("number", "percent", "field"),
    [(9, 10, "number"), (2, 10, "number"), (1, 0, "percent"), (1, 100, "percent")],
)
def test_what_cannot_be_split(agent: Agent, number: int, percent: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        split_calls(agent=agent, number=number, percent=percent)

    assert refused.value.field == field
    assert set(numbers(agent)) == {2}


def test_an_unpublished_agent_has_nothing_to_split() -> None:
    with tenant_scope(make_tenant().pk):
        agent = create_agent(name="Silent", config=script_config())
        with pytest.raises(InvalidInput) as refused:
            split_calls(agent=agent, number=1, percent=20)
    assert refused.value.code == "unpublished"
