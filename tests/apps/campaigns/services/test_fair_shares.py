from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.campaigns.services.fair_shares import fair_shares, shares_of_tenants

WANTS = st.dictionaries(st.integers(0, 30), st.integers(0, 50), max_size=12)


@given(WANTS, st.integers(0, 400), st.dictionaries(st.integers(0, 30), st.integers(1, 100)))
def test_all_is_given_and_nobody_gets_more_than_it_wants(
    wants: dict[int, int], capacity: int, weights: dict[int, int]
) -> None:
    given_out = fair_shares(wants, capacity, weights)
    assert sum(given_out.values()) == min(capacity, sum(wants.values()))
    assert all(0 <= given_out[key] <= wants[key] for key in wants)


@given(WANTS, st.integers(0, 400), st.dictionaries(st.integers(0, 30), st.integers(1, 100)))
def test_who_gets_less_than_it_wants_has_no_less_by_weight_than_another(
    wants: dict[int, int], capacity: int, weights: dict[int, int]
) -> None:
    given_out = fair_shares(wants, capacity, weights)
    for one in wants:
        for other in wants:
            if given_out[one] < wants[one]:
                # One more would be more, by weight, than what the other has: only what is left over differs.
                by_weight = given_out[other] - 1
                assert by_weight * weights.get(one, 1) <= (given_out[one] + 1) * weights.get(other, 1)


def test_tenants_are_equal_whatever_number_of_campaigns_they_run() -> None:
    wants = {"few": {"a": 100}, "many": {"b": 100, "c": 100, "d": 100}}
    shares = shares_of_tenants(wants, 40, weights={"b": 2, "c": 1, "d": 1})
    assert shares == {"a": 20, "b": 10, "c": 5, "d": 5}


def test_what_a_tenant_may_not_have_goes_to_the_others() -> None:
    wants = {"limited": {"a": 100}, "other": {"b": 100}}
    assert shares_of_tenants(wants, 40, weights={}, limits={"limited": 3}) == {"a": 3, "b": 37}
