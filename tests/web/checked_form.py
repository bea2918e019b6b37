"""What tests of the self-check send to its form."""

import re

from flask.testing import FlaskClient

CASE = {"tier": "specialized", "kind": "new", "on": "2025-06-30"}


def token_of(client: FlaskClient) -> str:
    found = re.search('name="csrf_token" value="([^"]+)"', client.get("/check").text)

    assert found
    return found[1]
