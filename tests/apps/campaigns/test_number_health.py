"""Numbers set to rest, by their health and by people; the pool that leaves them out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from apps.campaigns.caller_pool import Wanted
from apps.campaigns.config import CallerNumbers
from apps.campaigns.models import NumberDay, NumberRest
from apps.campaigns.services import number_health
from apps.campaigns.services.callers import day_begins, pool
from apps.numbers.models import PhoneNumber
from apps.numbers.services import assign_number, update_number
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 15, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def numbers(tenant: Tenant) -> list[PhoneNumber]:
    """Two with a good past; the first is labelled today."""
    with tenant_scope(tenant.pk):
        made = [assign_number(carrier="sandbox") for _ in range(2)]
        for number in made:
            for back in range(1, 6):
                day(number, back, answered=80)
        day(made[0], 0, answered=20)
        day(made[1], 0, answered=81)
    return made


def day(number: PhoneNumber, back: int, *, answered: int, now: datetime = NOW) -> None:
    NumberDay.objects.create(
        number=number, day=(now - timedelta(days=back)).date(), attempts=200, answered=answered, short=2
    )


def test_a_suspect_rests_once_and_longer_when_it_happens_again(
    tenant: Tenant, numbers: list[PhoneNumber]
) -> None:
    assert [number_health.look_at_all(now=NOW), number_health.look_at_all(now=NOW)] == [1, 0]
    with tenant_scope(tenant.pk):
        rest = NumberRest.objects.get()
        assert (rest.number, rest.until) == (numbers[0], NOW + timedelta(days=1))
        assert "10% calls that were answered (20 of 200), against 40% of its past" in rest.reason
        number_health.end_rest(number=numbers[0], now=NOW)
    assert number_health.look_at_all(now=NOW) == 0  # not against the person who ended it
    later = NOW + timedelta(days=2)
    with tenant_scope(tenant.pk):
        day(numbers[0], 0, answered=18, now=later)
        day(numbers[1], 0, answered=80, now=later)
    assert number_health.look_at_all(now=later) == 1
    with tenant_scope(tenant.pk):
        assert NumberRest.objects.latest("id").until == later + timedelta(days=2)


def test_the_pool_leaves_out_what_rests(tenant: Tenant, numbers: list[PhoneNumber]) -> None:
    config = CallerNumbers(numbers=[number.public_id for number in numbers])
    number_health.look_at_all(now=NOW)
    with tenant_scope(tenant.pk):
        chosen = pool(config, now=NOW).choose(Wanted("+12125550100"), now=NOW)
        assert chosen is not None
        assert chosen.id == numbers[1].pk
        assert len(pool(config, now=NOW).callers) == 2
        number_health.rest_number(number=numbers[1], until=NOW + timedelta(hours=1), now=NOW)
        assert pool(config, now=NOW).choose(Wanted("+12125550100"), now=NOW) is None
        trusting = config.model_copy(update={"rest_suspects": False})
        chosen_one = pool(trusting, now=NOW).choose(Wanted("+12125550100"), now=NOW)
        assert chosen_one is not None
        assert chosen_one.id == numbers[0].pk


def test_numbers_for_inbound_calls_are_used_only_when_asked(
    tenant: Tenant, numbers: list[PhoneNumber]
) -> None:
    config = CallerNumbers(numbers=[number.public_id for number in numbers])
    with tenant_scope(tenant.pk):
        update_number(number=numbers[0], purpose="inbound")
        assert [one.id for one in pool(config, now=NOW).callers] == [numbers[1].pk]
        assert len(pool(config.model_copy(update={"inbound_too": True}), now=NOW).callers) == 2


def test_a_numbers_day_is_that_of_its_zone() -> None:
    early = datetime(2026, 5, 4, 2, tzinfo=UTC)
    assert day_begins("+12125550100", now=early) == datetime(2026, 5, 3, 4, tzinfo=UTC)
    assert day_begins("+18005550100", now=early) == datetime(2026, 5, 4, tzinfo=UTC)


def test_people_are_told_what_cannot_be(tenant: Tenant, numbers: list[PhoneNumber]) -> None:
    with tenant_scope(tenant.pk):
        with pytest.raises(Conflict):
            number_health.end_rest(number=numbers[0], now=NOW)
        with pytest.raises(InvalidInput):
            number_health.rest_number(number=numbers[0], until=NOW, now=NOW)


def test_the_api_tells_and_takes_rests(tenant: Tenant, numbers: list[PhoneNumber]) -> None:
    client = key_client(make_key(tenant))
    url = f"/api/v1/numbers/{numbers[0].public_id}"
    until = datetime.now(UTC) + timedelta(days=1)
    answer = client.post(f"{url}/rest", {"until": until.isoformat()})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["state"] == "resting"
    assert client.get(f"{url}/health").json()["rests"][0]["evidence"] == {}
    listed = client.get("/api/v1/numbers/health").json()["results"]
    assert numbers[0].public_id in [one["number"] for one in listed]
    assert client.post(f"{url}/rest", {"end": True}).json()["rest"] is None
    assert client.post(f"{url}/rest", {"end": True}).status_code == 409
    assert client.post(f"{url}/rest", {}).status_code == 422
