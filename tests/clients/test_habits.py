"""What the published client does in a wrong or surprising way, and what becomes of it.

A real server lets these through, ignores them or refuses them; the simulator has to do the same, or clients that work there would break here,
and clients that are dangerous there would look harmless.
"""

import json

import pytest
import requests

from recorded import V1, V2
from refusals import refused, undecodable
from seeds import principal
from simulator import ADMIN, PASSWORD, SECRET_KEY

ANA = {"username": "ana", "password": "ana-has-a-password", "display_name": "Ana Diaz"}


@pytest.fixture
def people(v1):
    """The GUIDs of two users in Primary."""
    return [v1.user_post(name, f"{name}-has-a-password", name)["header"]["id"] for name in ("ana", "bo")]


@pytest.fixture
def sales(v1):
    """The GUID of a group in Primary."""
    return v1.group_post("Sales", "Sales", privileges=None)["header"]["id"]


def sent(client):
    """The requests the client sends from here on."""
    requests_sent = []
    client.requests_session.hooks["response"].append(lambda response, **_: requests_sent.append(response.request))
    return requests_sent


def test_v2_deletes_and_logouts_have_neither_body_nor_content_type(simulator, v2):
    v2.users_create({"name": "ana", "display_name": "Ana", "email": "ana@example.com"})
    v2.groups_create({"name": "Sales", "display_name": "Sales"})
    v2.orgs_create("acme")
    v2.tags_create("gold")
    v2.auth_session_login(ADMIN, PASSWORD)
    requests_sent = sent(v2)
    for call in (
        lambda: v2.users_delete("ana"),
        lambda: v2.groups_delete("Sales"),
        lambda: v2.orgs_delete("acme"),
        lambda: v2.tags_delete("gold"),
        lambda: v2.auth_session_logout(),
    ):
        assert call() is True
    assert [(request.body, request.headers.get("Content-Type")) for request in requests_sent] == [(None, None)] * 5
    assert simulator.user("ana") is None and simulator.group("Sales") is None and simulator.org("acme") is None
    again = V2(simulator.url)
    again.bearer_token = again.auth_token_full(ADMIN, PASSWORD, org_id=0)["token"]
    assert again.auth_token_revoke() is True


def test_v2_login_sends_a_flag_as_text_and_an_org_as_number(simulator, acme):
    client = V2(simulator.url)
    requests_sent = sent(client)
    client.auth_session_login(ADMIN, PASSWORD, remember_me=True, org_identifier=acme)
    body = json.loads(requests_sent[0].body)
    assert (body["remember_me"], body["org_identifier"]) == ("true", acme)
    assert client.auth_session_user()["current_org"] == {"id": acme, "name": "acme"}


@pytest.mark.parametrize("client_class", [V1, V2])
def test_one_cookie_is_enough_over_plain_http(simulator, client_class):
    client = client_class(simulator.url)
    requests_sent = sent(client)
    if client_class is V1:
        client.session_login(ADMIN, PASSWORD)
        assert client.session_info()["userName"] == ADMIN
    else:
        client.auth_session_login(ADMIN, PASSWORD)
        assert client.auth_session_user()["name"] == ADMIN
    cookies = requests_sent[-1].headers["Cookie"]
    assert cookies.startswith("JSESSIONID=") and "clientId" not in cookies


def test_v1_paths_come_with_and_without_a_slash(v1):
    requests_sent = sent(v1)
    v1.user_post(**ANA)
    v1.group_post("Sales", "Sales", privileges=None)
    v1.group_get(name="Sales")
    v1.user_get(name="ana")
    paths = [request.url.partition("?")[0].rpartition("/v1/")[2] for request in requests_sent]
    assert paths == ["user", "group", "group", "user/"]


def test_every_part_of_a_v1_upload_has_a_file_name(simulator, v1, people, sales):
    requests_sent = sent(v1)
    granted = v1.group_addprivilege("DATADOWNLOADING", ["Sales"])
    assert simulator.group("Sales")["privileges"] == ["DATADOWNLOADING"]
    assert "DATADOWNLOADING" in json.dumps(granted)
    v1.user_sync(json.dumps([principal("ana", displayName="Ana"), principal("bo")]), password="a-good-password", apply_changes=True)
    assert simulator.user("ana")["display_name"] == "Ana"
    for request, parts in zip(requests_sent, (2, 4), strict=True):
        assert request.headers["Content-Type"].startswith("multipart/form-data")
        assert request.body.count(b"filename=") == parts


def test_v1_lists_in_the_query_of_deletes_are_read(simulator, v1, people, sales):
    v1.group_users_post(sales, people)
    v1.user_groups_delete(people[0], [sales])
    assert simulator.group("Sales")["users"] == ["bo"]


def test_v1_changes_are_made_although_the_client_looks_for_json_in_an_empty_answer(simulator, v1, people, sales):
    """Users of the client know the error; the server answers 204, as it is documented."""
    ana, bo = people
    v1.group_addprivilege("SHAREWITHALL", ["Sales"])
    content = v1.group_get(group_guid=sales)
    content["displayName"] = content["header"]["displayName"] = "Sales team"
    for call, now in (
        (lambda: v1.group_put(sales, json.dumps(content)), lambda: simulator.group("Sales")["display_name"] == "Sales team"),
        (lambda: v1.group_user_post(sales, ana), lambda: simulator.group("Sales")["users"] == ["ana"]),
        (lambda: v1.user_groups_post(bo, [sales]), lambda: simulator.group("Sales")["users"] == ["ana", "bo"]),
        (lambda: v1.group_users_delete(sales, people), lambda: simulator.group("Sales")["users"] == []),
        (lambda: v1.group_removeprivilege("SHAREWITHALL", ["Sales"]), lambda: simulator.group("Sales")["privileges"] == []),
        (lambda: v1.user_email(ana, "ana@example.com"), lambda: simulator.user("ana")["email"] == "ana@example.com"),
    ):
        assert not now()
        with undecodable():
            call()
        assert now()


def test_what_v1_refuses_there_is_raised_as_what_it_is(simulator, v1, people, sales):
    before = simulator.state()
    for status, call in (
        (500, lambda: v1.group_put(sales, "{no json")),
        (500, lambda: v1.group_user_post(sales, sales)),
        (400, lambda: v1.user_groups_post(people[0], [people[0]])),
        (400, lambda: v1.group_addprivilege("MAKE_COFFEE", ["Sales"])),
        (400, lambda: v1.group_addprivilege("DATADOWNLOADING", ["no-such-group"])),
        (400, lambda: v1.group_removeprivilege("DATADOWNLOADING", ["no-such-group"])),
        (400, lambda: v1.user_email(sales, "ana@example.com")),
        (500, lambda: v1.user_email(people[0], "no-address")),
    ):
        with refused(status):
            call()
    assert simulator.state() == before


def test_v1_creates_spell_the_shown_name_in_two_ways_and_send_null_as_mail(simulator, v1):
    requests_sent = sent(v1)
    v1.group_post("Sales", "Sales team", privileges=None)
    v1.user_post(**ANA)
    assert "display_name=" in requests_sent[0].body and "displayname=" in requests_sent[1].body
    assert requests.utils.unquote(requests_sent[1].body.replace("+", " ")).find('properties={"mail": null}') > 0
    assert simulator.group("Sales")["display_name"] == "Sales team"
    assert (simulator.user("ana")["display_name"], simulator.user("ana")["email"]) == ("Ana Diaz", None)


def test_a_v1_change_of_password_under_the_wrong_key_is_refused(v1, v1_as, people):
    with refused(400):
        v1.user_updatepassword("ana", "ana-has-a-password", "another-password")
    assert v1_as("ana", "ana-has-a-password").session_info()["userName"] == "ana"
    with refused(401):
        v1_as("ana", "another-password")


def test_the_v1_token_is_bare_text(simulator):
    nobody = V1(simulator.url)
    requests_sent = []
    nobody.requests_session.hooks["response"].append(lambda response, **_: requests_sent.append(response))
    token = nobody.session_auth_token(SECRET_KEY, ADMIN, org_id=0)
    assert requests_sent[0].headers["Content-Type"].startswith("text/plain")
    assert requests_sent[0].text == token
