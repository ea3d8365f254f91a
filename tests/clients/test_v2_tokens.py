"""Tokens, as the published v2 client takes and revokes them."""

import pytest

from recorded import V2
from refusals import refused
from simulator import ADMIN, PASSWORD, SECRET_KEY

ANA = {"name": "ana", "display_name": "Ana Diaz", "email": "ana@example.com", "password": "ana-has-a-password"}


@pytest.fixture
def nobody(simulator):
    """A v2 client that is not signed in."""
    return V2(simulator.url)


def bearing(simulator, token):
    client = V2(simulator.url)
    client.bearer_token = token
    return client


def org_of(client):
    return client.auth_session_user()["current_org"]["name"]


def test_a_token_is_for_one_org(simulator, nobody, acme):
    token = nobody.auth_token_full(ADMIN, PASSWORD, org_id=acme, validity_time_in_sec=600)
    assert token["scope"] == {"access_type": "FULL", "org_id": acme, "metadata_id": None}
    assert token["expiration_time_in_millis"] - token["creation_time_in_millis"] == 600_000
    assert org_of(bearing(simulator, token["token"])) == "acme"


def test_several_tokens_of_one_user_live_side_by_side(simulator, nobody, acme):
    clients = [bearing(simulator, nobody.auth_token_full(ADMIN, PASSWORD, org_id=org)["token"]) for org in (0, acme, 0)]
    assert [org_of(client) for client in clients] == ["Primary", "acme", "Primary"]


def test_a_secret_key_opens_every_account(simulator, nobody, v2):
    v2.users_create({key: value for key, value in ANA.items() if key != "password"})
    token = nobody.auth_token_full("ana", secret_key=SECRET_KEY, org_id=0)
    assert token["valid_for_username"] == "ana"
    assert bearing(simulator, token["token"]).auth_session_user()["name"] == "ana"


def test_a_token_ends_at_its_time(simulator, nobody):
    client = bearing(simulator, nobody.auth_token_full(ADMIN, PASSWORD, org_id=0)["token"])
    simulator.advance(299)
    assert client.auth_session_user()["name"] == ADMIN
    simulator.advance(2)
    with refused(401):
        client.auth_session_user()


def test_bad_credentials_are_refused(nobody):
    with refused(401, 10003):
        nobody.auth_token_full(ADMIN, "wrong-password", org_id=0)
    with refused(401, 10003):
        nobody.auth_token_full(ADMIN, secret_key="wrong-key", org_id=0)
    with refused(401, 10003):
        nobody.auth_token_full("nobody", PASSWORD, org_id=0)
    with refused(401):
        nobody.auth_session_user()


def test_four_failures_lock_an_account_for_an_hour(simulator, nobody, v2):
    v2.users_create(ANA)
    for _ in range(4):
        with refused(401):
            nobody.auth_token_full("ana", "wrong-password", org_id=0)
    with refused(401):
        nobody.auth_token_full("ana", ANA["password"], org_id=0)
    simulator.advance(3601)
    assert nobody.auth_token_full("ana", ANA["password"], org_id=0)["valid_for_username"] == "ana"


def test_an_org_without_access_is_a_refusal_of_its_own(nobody, v2, acme):
    v2.users_create(ANA)
    with refused(400, 13090):
        nobody.auth_token_full("ana", ANA["password"], org_id=acme)


@pytest.mark.settings(mfa=True)
def test_with_a_second_factor_passwords_are_refused_and_the_key_works(nobody):
    with refused(401):
        nobody.auth_token_full(ADMIN, PASSWORD, org_id=0)
    assert nobody.auth_token_full(ADMIN, secret_key=SECRET_KEY, org_id=0)["valid_for_username"] == ADMIN


def test_an_unknown_user_is_made_on_the_way_if_the_client_asks(simulator, nobody):
    made = {"auto_create": True, "display_name": "Bo", "email": "bo@example.com", "group_identifiers": ["New"]}
    with refused(401):
        nobody.auth_token_full("bo", secret_key=SECRET_KEY, org_id=0)
    assert nobody.auth_token_full("bo", secret_key=SECRET_KEY, org_id=0, **made)["valid_for_username"] == "bo"
    assert simulator.user("bo")["groups"] == ["Primary/All", "Primary/New"]
    assert simulator.group("New")["privileges"] == []

    nobody.auth_token_full("bo", secret_key=SECRET_KEY, org_id=0, **{**made, "group_identifiers": []})
    assert simulator.user("bo")["groups"] == ["Primary/All"]


def test_a_token_for_one_object_names_it(nobody):
    liveboard = "0f0dd0f7-1111-4195-a4aa-0dc6b58413c9"
    token = nobody.auth_token_object(ADMIN, liveboard, secret_key=SECRET_KEY, org_id=0)
    assert (token["scope"]["access_type"], token["scope"]["metadata_id"]) == ("REPORT_BOOK_VIEW", liveboard)
    with refused(400):
        nobody.auth_token_object(ADMIN, "no-guid", secret_key=SECRET_KEY, org_id=0)


def test_a_token_with_attributes_needs_what_the_client_leaves_out(nobody, v2):
    with refused(400, text="persist_option"):
        nobody.auth_token_custom(ADMIN, secret_key=SECRET_KEY)
    more = {"persist_option": "NONE", "auto_create": False}
    token = nobody.auth_token_custom(ADMIN, secret_key=SECRET_KEY, additional_request_parameters=more)
    assert (token["user"]["name"], token["org"]) == (ADMIN, {"id": 0, "name": "Primary"})


def test_the_org_of_a_token_with_attributes_goes_by_another_key_than_the_client_sends(nobody, v2, acme):
    more = {"persist_option": "NONE", "auto_create": False}
    token = nobody.auth_token_custom(ADMIN, secret_key=SECRET_KEY, org_id=acme, additional_request_parameters=more)
    assert token["org"]["name"] == "Primary"
    more["org_identifier"] = str(acme)
    token = nobody.auth_token_custom(ADMIN, secret_key=SECRET_KEY, additional_request_parameters=more)
    assert token["org"]["name"] == "acme"


def test_a_token_can_be_asked_for_in_the_caller_s_own_words(simulator, nobody):
    nobody.auth_token_direct_request("FULL", {"username": ADMIN, "secret_key": SECRET_KEY, "org_id": 0})
    assert simulator.last_request()["route"] == "POST auth/token/full"
    with refused(404):
        nobody.auth_token_direct_request("eternal", {"username": ADMIN})


def test_a_token_is_validated(v2, nobody):
    good = nobody.auth_token_full(ADMIN, PASSWORD, org_id=0)["token"]
    assert v2.auth_token_validate(good) is None, "the client keeps the answer to itself"
    with refused(401):
        v2.auth_token_validate("no-token")


def test_a_revoked_token_is_dead_and_others_are_not(simulator, nobody):
    one, other = (bearing(simulator, nobody.auth_token_full(ADMIN, PASSWORD, org_id=0)["token"]) for _ in range(2))
    assert one.auth_token_revoke() is True
    with refused(401):
        one.auth_session_user()
    assert other.auth_session_user()["name"] == ADMIN


def test_the_system_shows_who_is_built_in(v2):
    system = v2.system()
    assert system["tsadmin_user_id"] == v2.users_search({"user_identifier": ADMIN})[0]["id"]
    assert system["release_version"] == "26.8.0.cl"
    assert v2.get_request("system") == system
