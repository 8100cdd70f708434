from __future__ import annotations

import pytest

from media_workers.sip.client.digest import Challenge, challenges, proof


def challenge(algorithm: str, **changes: object) -> Challenge:
    """That of RFC 7616, 3.9.1."""
    given: dict[str, object] = {
        "answer_in": "Authorization",
        "realm": "http-auth@example.org",
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "algorithm": algorithm,
        "qop": "auth",
        "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
        "stale": False,
    }
    return Challenge(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: str, response: str) -> None:
    name, value = proof(
        challenge(algorithm),
        method="GET",
        uri="/dir/index.html",
        username="Mufasa",
        password="Circle of Life",
        count=1,
        cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )

    assert name == "Authorization"
    assert f'response="{response}"' in value
    assert "nc=00000001" in value
    assert "qop=auth" in value


def test_the_example_of_rfc_2069_without_qop() -> None:
    old = challenge(
        "MD5", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="", opaque=None
    )

    _, value = proof(
        old, method="GET", uri="/dir/index.html", username="Mufasa", password="CircleOfLife", count=1
    )

    assert 'response="1949323746fe6a43ef61f9606e7febea"' in value
    assert "cnonce" not in value
    assert "qop" not in value


def test_the_strongest_demand_is_met_and_others_are_passed_over() -> None:
    found = challenges(
        [
            ("www-authenticate", 'Digest realm="a", nonce="1", algorithm=MD5, qop="auth,auth-int"'),
            ("WWW-Authenticate", 'Digest realm="a", nonce="2", algorithm=SHA-256, qop="auth"'),
            ("proxy-authenticate", 'Digest realm="b", nonce="3", algorithm=SHA-512-256'),
            ("www-authenticate", 'Digest realm="c", nonce="4", qop="auth-int"'),
            ("www-authenticate", 'Bearer realm="d"'),
            ("x-other", 'Digest realm="e", nonce="5"'),
        ]
    )

    assert [(c.nonce, c.algorithm, c.answer_in) for c in found] == [
        ("2", "SHA-256", "Authorization"),
        ("1", "MD5", "Authorization"),
    ]


def test_a_proxys_demand_is_answered_in_its_own_header_and_stale_is_read() -> None:
    (found,) = challenges(
        [("Proxy-Authenticate", 'Digest realm="a b", nonce="x\\"y", stale=TRUE, opaque=""')]
    )

    name, value = proof(found, method="REGISTER", uri="sip:a", username='u"s', password="p", count=1)
    assert found.stale
    assert name == "Proxy-Authorization"
    assert 'username="u\\"s"' in value
    assert 'nonce="x\\"y"' in value
    assert 'opaque=""' in value
