"""Sessions of cookies, as the published v2 client begins and ends them."""

import pytest
import requests

from recorded import V2
from refusals import refused
from simulator import ADMIN, PASSWORD

DAY = 24 * 3600


@pytest.fixture
def nobody(simulator):
    """A v2 client that is not signed in."""
    return V2(simulator.url)


def org_of(client):
    return client.auth_session_user()["current_org"]["name"]


def test_bad_credentials_begin_no_session(nobody):
    with refused(401):
        nobody.auth_session_login(ADMIN, "wrong-password")
    with refused(401):
        nobody.auth_session_user()


def test_a_session_gives_out_a_token_for_a_day(simulator, nobody):
    nobody.auth_session_login(ADMIN, PASSWORD)
    token = nobody.auth_session_token()
    assert token["expiration_time_in_millis"] - token["creation_time_in_millis"] == DAY * 1000
    holder = V2(simulator.url)
    holder.bearer_token = token["token"]
    assert holder.auth_session_user()["name"] == ADMIN


def test_a_session_of_cookies_begins_and_ends(simulator, nobody, acme):
    assert isinstance(nobody.auth_session_login(ADMIN, PASSWORD, org_identifier=acme), requests.Session)
    assert org_of(nobody) == "acme"
    assert nobody.auth_session_logout() is True
    with refused(401):
        nobody.auth_session_user()


def test_a_token_is_exchanged_for_a_session(nobody, v2, acme):
    token = nobody.auth_token_full(ADMIN, PASSWORD, org_id=acme)["token"]
    nobody.auth_session_login(bearer_token=token)
    assert org_of(nobody) == "acme"


def test_a_session_ends_when_it_is_idle_unless_it_is_remembered(simulator):
    forgetful, remembered = V2(simulator.url), V2(simulator.url)
    forgetful.auth_session_login(ADMIN, PASSWORD, remember_me=False)
    remembered.auth_session_login(ADMIN, PASSWORD, remember_me=True)
    simulator.advance(DAY)
    with refused(401):
        forgetful.auth_session_user()
    assert remembered.auth_session_user()["name"] == ADMIN
    simulator.advance(8 * DAY)
    with refused(401):
        remembered.auth_session_user()
