"""Every argument with every wrong kind of value: 400 and the argument's name, on either database; never a 5xx."""

from __future__ import annotations

import pytest

from oauth_provider.api.client_values import ClientArguments, RegistrationArguments
from oauth_provider.clients import sign_in_and_out, validation
from tests.api.conftest import problem

# Never right for any argument.
WRONG = [
    None, True, -1, 0.5, 2**31, 2**63, 10**30, "", "\x00", "x" * 100_000, "\u202ex", [[]], [None], [{}], {}, {"a": 1},
    ["\x00"], ["x" * 100_000], ["https://[x"], "https://[x", ["x"] * 1000,
]  # fmt: skip
# Where one of these is right all the same.
RIGHT = {
    "require_pkce": [True],
    "is_agent": [True],
    "name": ["https://[x"],
    "resource_server_for": [["https://[x"]],
    "owners": [{}],
    "purposes": [{}],
    **{name: ["", "\u202ex", "https://[x"] for name in ("software_id", "software_version")},
    **{name: [""] for name in (*validation.PAGES, "auth_method", "allowed_permission", "allowed_function")},
    **{name: [None] for name in validation.LIFETIMES},
    **{name: [""] for name in validation.ALGORITHM_FIELDS},
    **{name: [True] for name in validation.SWITCHES},
    **{name: [""] for name in sign_in_and_out.URIS},
    "default_acr_values": [["https://[x"]],
    "sector_identifier_uri": [""],
}


def is_right(name, value):
    return any(type(value) is type(right) and value == right for right in RIGHT.get(name, ()))


@pytest.mark.parametrize("name", ClientArguments().fields)
def test_wrong_value_of_an_argument_is_named(machine, web, name):
    api = machine()
    for value in WRONG:
        response = api.patch(f"clients/{web.client_id}", {name: value})
        if is_right(name, value):
            assert response.status_code == 200, (name, value, response.content)
            continue
        body = problem(response, 400)
        # A text that no database can keep is refused before it is known what it is for.
        assert body.get("errors", {}).keys() == {name} or body["code"] == "parse_error", (name, value, body)


@pytest.mark.parametrize("name", RegistrationArguments().fields)
def test_wrong_value_at_registration_is_refused(machine, name):
    api = machine()
    rest = {"name": "x", "profile": "web", "redirect_uris": ["https://x.example/cb"]}
    for value in WRONG:
        response = api.post("clients", {**rest, name: value})
        if response.status_code != 201:
            problem(response, 400)


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize(
    ("path", "name"),
    [("submit", "scopes"), ("approve", "scopes"), ("send-back", "why"), ("match-redirect-uri", "redirect_uri"),
     ("secrets", "expires_at")],
)  # fmt: skip
def test_wrong_value_of_an_operation_is_refused(machine, web, path, name, value):
    response = machine().post(f"clients/{web.client_id}/{path}", {name: value})
    if response.status_code not in {200, 201, 409}:
        problem(response, 400)


@pytest.mark.parametrize(
    "segment",
    [
        "%00",
        "~AA",
        "~",
        "~" + "A" * 5000,
        "x" * 5000,
        "%FF",
        "%ED%A0%80",
        "%0A",
        "%20",
        "..",
        "%2e%2e",
        "🦊",
        "'",
        "a%2Fb",
    ],
)
@pytest.mark.parametrize("rest", ["", "/secrets", "/suspend", "/secrets/1/revoke"])
def test_client_of_an_impossible_name_is_not_there(machine, segment, rest):
    api = machine()
    send = api.get if rest in {"", "/secrets"} else api.post
    problem(send(f"clients/{segment}{rest}"), 404, "not_found")


@pytest.mark.parametrize("key", ["", " ", "\t", "ä", "x" * 256, "a b"])
def test_key_of_impossible_signs_is_refused(machine, key):
    response = machine().post("clients", {"name": "x", "profile": "machine"}, Idempotency_Key=key)
    assert problem(response, 400)["errors"].keys() == {"Idempotency-Key"}


def test_invisible_and_turning_signs_of_a_name_are_refused_C64(machine, web):
    body = problem(machine().patch(f"clients/{web.client_id}", {"name": "Ban\u202ek"}), 400)
    assert body["errors"].keys() == {"name"}
