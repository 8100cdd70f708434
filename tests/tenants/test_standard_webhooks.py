from __future__ import annotations

from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from tenants.standard_webhooks import new_secret, signed


def test_the_example_of_the_specification() -> None:
    """From the reference libraries' own tests."""
    headers = signed(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=datetime.fromtimestamp(1614265330, UTC),
        body=b'{"test": 2432232314}',
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_no_two_secrets_are_the_same() -> None:
    assert new_secret() != new_secret()


def test_several_keys_sign_the_same_message() -> None:
    keys = new_secret(), new_secret()
    now = datetime.now(UTC)
    headers = signed(*keys, id="evt_1", at=now, body='{"name": "Müller"}'.encode())
    for key in keys:
        assert Webhook(key).verify('{"name": "Müller"}', headers) == {"name": "Müller"}
    assert headers["webhook-signature"].count("v1,") == 2
