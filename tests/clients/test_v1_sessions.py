"""Sessions, tokens and the Orgs of a session, as the published v1 client uses them."""

import pytest

from recorded import V1, V2
from refusals import refused
from simulator import ADMIN, PASSWORD, SECRET_KEY

ANA = {"username": "ana", "password": "ana-has-a-password", "display_name": "Ana Diaz"}


@pytest.fixture
def nobody(simulator):
    """A v1 client that is not signed in."""
    return V1(simulator.url)


def bearing(simulator, token):
    client = V1(simulator.url)
    client.bearer_token = token
    return client


def test_a_session_begins_and_ends(nobody):
    assert nobody.session_login(ADMIN, PASSWORD) is True
    info = nobody.session_info()
    assert (info["userName"], info["apiVersion"], info["isSystemUser"]) == (ADMIN, "v1", False)
    assert "ADMINISTRATION" in info["privileges"]
    assert nobody.session_logout() is True
    with refused(401):
        nobody.session_info()


def test_the_session_s_cookie_comes_back_over_plain_http(nobody):
    nobody.session_login(ADMIN, PASSWORD)
    cookies = {cookie.name: cookie for cookie in nobody.requests_session.cookies}
    assert set(cookies) == {"JSESSIONID", "clientId"}
    assert (cookies["JSESSIONID"].secure, cookies["clientId"].secure) == (False, True)
    assert nobody.session_info()["userName"] == ADMIN


def test_bad_credentials_are_refused(nobody):
    with refused(401, 10003):
        nobody.session_login(ADMIN, "wrong-password")
    with refused(401):
        nobody.session_login("nobody", PASSWORD)
    with refused(401):
        nobody.session_auth_token("wrong-key", ADMIN)
    with refused(401):
        nobody.session_info()
    with refused(401):
        nobody.user_get()


def test_a_session_of_one_dialect_is_one_of_the_other(simulator, v1, v2):
    borrowed = V2(simulator.url)
    borrowed.requests_session.cookies.update(v1.requests_session.cookies)
    assert borrowed.auth_session_user()["name"] == ADMIN
    assert bearing(simulator, v2.bearer_token).session_info()["userName"] == ADMIN


def test_a_session_lists_its_orgs_and_is_switched(simulator, v1, acme):
    orgs = v1.session_orgs_get()
    assert (orgs["canAdministerAllOrgs"], orgs["currentOrgId"]) == (True, 0)
    assert {org["orgName"]: org["allUserGroupId"] for org in orgs["orgs"]} == {
        "Primary": simulator.group("All")["id"],
        "acme": simulator.group("All", "acme")["id"],
    }
    v1.session_orgs_put(acme)
    assert v1.session_orgs_get()["currentOrgId"] == acme
    v1.group_post("Sales", "Sales", privileges=None)
    assert simulator.group("Sales", "acme") is not None
    assert simulator.group("Sales") is None


def test_orgs_are_paged_if_asked(v1, acme):
    first, second = v1.session_orgs_get(batchsize=1, offset=0), v1.session_orgs_get(batchsize=1, offset=1)
    assert [len(page["orgs"]) for page in (first, second)] == [1, 1]
    assert first["orgs"] != second["orgs"]


def test_a_session_cannot_be_switched_to_where_one_does_not_belong(v1, v1_as, acme):
    v1.user_post(**ANA)
    ana = v1_as("ana", ANA["password"])
    with refused(403):
        ana.session_orgs_put(acme)
    with refused(400):
        v1.session_orgs_put(4711)
    assert ana.session_orgs_get()["currentOrgId"] == 0
    assert [org["orgName"] for org in ana.session_orgs_get()["orgs"]] == ["Primary"]


def test_the_orgs_of_a_user_are_listed(v1, v2, acme):
    ana = v1.user_post(**ANA)["header"]["id"]
    assert [org["orgId"] for org in v1.session_orgs_users(ana)["orgs"]] == [0]
    v2.orgs_update(acme, {"user_identifiers": ["ana"], "operation": "ADD"})
    assert {org["orgName"] for org in v1.session_orgs_users(ana)["orgs"]} == {"Primary", "acme"}
    with refused(400):
        v1.session_orgs_users("0f0dd0f7-1111-4195-a4aa-0dc6b58413c9")


def test_a_trusted_token_is_plain_text_and_opens_one_org(simulator, nobody, acme):
    token = nobody.session_auth_token(SECRET_KEY, ADMIN, org_id=acme)
    assert token == token.strip() and not token.startswith(("{", '"'))
    holder = bearing(simulator, token)
    assert holder.session_orgs_get()["currentOrgId"] == acme


def test_a_new_trusted_token_ends_the_older_after_five_minutes(simulator, nobody):
    older = bearing(simulator, nobody.session_auth_token(SECRET_KEY, ADMIN, org_id=0))
    newer = bearing(simulator, nobody.session_auth_token(SECRET_KEY, ADMIN, org_id=0))
    simulator.advance(299)
    assert older.session_info()["userName"] == ADMIN
    simulator.advance(2)
    with refused(401):
        older.session_info()
    assert newer.session_info()["userName"] == ADMIN


def test_an_unknown_user_gets_no_token_unless_it_is_to_be_made(simulator, nobody):
    with refused(400):
        nobody.session_auth_token(SECRET_KEY, "bo", org_id=0)
    assert simulator.user("bo") is None
    nobody.session_auth_token(SECRET_KEY, "bo", org_id=0, groups=["New"], auto_create_user=True)
    assert simulator.user("bo")["groups"] == ["Primary/All", "Primary/New"]
    assert not simulator.user("bo")["has_password"]


def test_a_token_for_an_org_of_others_is_refused_and_made_with_autocreate(simulator, nobody, v1, acme):
    v1.user_post(**ANA)
    with refused(400):
        nobody.session_auth_token(SECRET_KEY, "ana", org_id=acme)
    assert simulator.user("ana")["orgs"] == ["Primary"]
    nobody.session_auth_token(SECRET_KEY, "ana", org_id=acme, auto_create_user=True)
    assert simulator.user("ana")["orgs"] == ["Primary", "acme"]


def test_a_token_for_one_object_needs_the_object(nobody):
    with refused(400):
        nobody.session_auth_token(SECRET_KEY, ADMIN, access_level="REPORT_BOOK_VIEW", org_id=0)
    liveboard = "0f0dd0f7-1111-4195-a4aa-0dc6b58413c9"
    assert nobody.session_auth_token(SECRET_KEY, ADMIN, access_level="REPORT_BOOK_VIEW", object_guid=liveboard, org_id=0)


def test_a_token_is_exchanged_for_a_session_by_a_redirect(simulator, nobody):
    token = nobody.session_auth_token(SECRET_KEY, ADMIN, org_id=0)
    # Any address that answers without a session will do.
    answer = nobody.session_login_token_post(ADMIN, token, f"{simulator.url}/_simulator/clock")
    assert [response.status_code for response in answer.history] == [302]
    assert answer.url == f"{simulator.url}/_simulator/clock"
    assert nobody.session_info()["userName"] == ADMIN


def test_a_bad_token_is_exchanged_for_nothing(simulator, nobody):
    with refused(401):
        nobody.session_login_token_post(ADMIN, "no-token", f"{simulator.url}/_simulator/clock")
    with refused(401):
        nobody.session_info()
