"""The product's settings, with Google and GitHub where the environment says that they are.

allauth takes their addresses from the settings and nowhere else; the product itself has no need of others.
"""

from __future__ import annotations

import os

from config.settings import *  # noqa: F403
from config.settings import CONTENT_SECURITY_POLICY, SOCIALACCOUNT_PROVIDERS

_GOOGLE, _GITHUB = os.environ["FAKE_GOOGLE_URL"], os.environ["FAKE_GITHUB_URL"]

SOCIALACCOUNT_PROVIDERS["google"] |= {
    "ID_TOKEN_ISSUER": _GOOGLE,
    "AUTHORIZE_URL": f"{_GOOGLE}/authorize",
    "ACCESS_TOKEN_URL": f"{_GOOGLE}/token",
}
SOCIALACCOUNT_PROVIDERS["github"] |= {"GITHUB_URL": _GITHUB}
CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += [_GOOGLE, _GITHUB]
