"""Users, as the published v2 client makes, reads, changes and deletes them."""

import pytest

from refusals import refused
from simulator import ADMIN, PASSWORD

ANA = {"name": "ana", "display_name": "Ana Diaz", "email": "ana@example.com", "password": "ana-has-a-password"}


def test_a_user_is_created_found_changed_and_deleted(simulator, v2):
    created = v2.users_create(ANA)
    assert (created["name"], created["account_status"], created["orgs"]) == ("ana", "ACTIVE", [{"id": 0, "name": "Primary"}])
    assert "password" not in created
    assert [user["id"] for user in v2.users_search({"user_identifier": "ana"})] == [created["id"]]

    assert v2.users_update("ana", {"name": "anna", "display_name": "Anna"}) is True
    assert simulator.user("anna")["id"] == created["id"]
    assert simulator.user("anna")["email"] == "ana@example.com"

    assert v2.users_delete(created["id"]) is True
    assert simulator.user("anna") is None
    assert v2.users_search({"user_identifier": created["id"]}) == []


def test_a_search_has_ten_rows_unless_more_are_asked_for(v2):
    for number in range(12):
        v2.users_create({"name": f"user-{number:02}", "display_name": "U", "email": f"u{number}@example.com"})
    assert len(v2.users_search({})) == 10
    sort = {"field_name": "NAME", "order": "ASC"}
    pages = [v2.users_search({"name_pattern": "USER-%", "record_offset": at, "record_size": 5, "sort_options": sort}) for at in (0, 5, 10)]
    assert [user["name"] for page in pages for user in page] == [f"user-{number:02}" for number in range(12)]


def test_filters_narrow_a_search_together(v2):
    v2.users_create(ANA)
    v2.users_create({**ANA, "name": "bo", "email": "bo@example.com"})
    assert [user["name"] for user in v2.users_search({"display_name": "Ana Diaz", "email": "bo@example.com"})] == ["bo"]
    assert v2.users_search({"name_pattern": "an%", "email": "bo@example.com"}) == []


def test_a_misspelt_filter_filters_nothing(v2):
    v2.users_create(ANA)
    assert len(v2.users_search({"user_identifiers": "ana", "record_size": 50})) > 1


@pytest.mark.parametrize("missing", ["name", "display_name", "email"])
def test_a_user_without_what_is_required_is_refused(simulator, v2, missing):
    before = simulator.state()["users"]
    with refused(400):
        v2.users_create({key: value for key, value in ANA.items() if key != missing})
    assert simulator.state()["users"] == before


def test_a_taken_name_is_refused_in_whatever_case(simulator, v2):
    v2.users_create(ANA)
    with refused(400, 10002):
        v2.users_create({**ANA, "name": "ANA"})
    assert simulator.user("ANA") is None


@pytest.mark.settings(unknown_id=404)
def test_an_unknown_user_is_not_found_on_some_releases(v2):
    with refused(404):
        v2.users_update("nobody", {"display_name": "x"})
    with refused(404):
        v2.users_delete("nobody")


def test_an_unknown_user_is_refused(v2):
    with refused(400, 13003):
        v2.users_update("nobody", {"display_name": "x"})
    with refused(400, 13003):
        v2.users_delete("nobody")
    with refused(400):
        v2.users_reset_password("nobody", "a-new-password")


def test_groups_are_replaced_unless_another_operation_is_named(simulator, v2):
    for group in ("Sales", "Support"):
        v2.groups_create({"name": group, "display_name": group})
    v2.users_create({**ANA, "group_identifiers": ["Sales"]})
    v2.users_update("ana", {"group_identifiers": ["Support"]})
    assert simulator.user("ana")["groups"] == ["Primary/All", "Primary/Support"]
    v2.users_update("ana", {"group_identifiers": ["Sales"], "operation": "ADD"})
    assert simulator.user("ana")["groups"] == ["Primary/All", "Primary/Sales", "Primary/Support"]
    v2.users_update("ana", {"group_identifiers": [], "operation": "REPLACE"})
    assert simulator.user("ana")["groups"] == ["Primary/All"]


def test_a_group_of_another_org_is_unknown(simulator, v2, v2_as, acme):
    v2_as(org_id=acme).groups_create({"name": "Sales", "display_name": "Sales"})
    with refused(400, text="Invalid group identifiers: Sales"):
        v2.users_create({**ANA, "group_identifiers": ["Sales"]})
    assert simulator.user("ana") is None


def test_an_org_is_joined_from_primary_and_a_group_there_with_its_own_token(simulator, v2, v2_as, acme):
    in_acme = v2_as(org_id=acme)
    in_acme.groups_create({"name": "Sales", "display_name": "Sales"})
    v2.users_create(ANA)
    with refused(400):
        in_acme.groups_update("Sales", {"user_identifiers": ["ana"], "operation": "ADD"})
    v2.users_update("ana", {"org_identifiers": [str(acme)], "operation": "ADD"})
    in_acme.groups_update("Sales", {"user_identifiers": ["ana"], "operation": "ADD"})
    assert simulator.user("ana")["orgs"] == ["Primary", "acme"]
    assert "acme/Sales" in simulator.user("ana")["groups"]

    v2.users_update("ana", {"org_identifiers": [str(acme)], "operation": "REMOVE"})
    assert simulator.user("ana")["groups"] == ["Primary/All"]
    with refused(400):
        v2.users_update("ana", {"org_identifiers": ["0"], "operation": "REMOVE"})
    assert simulator.user("ana")["orgs"] == ["Primary"]


def test_an_unknown_org_is_refused(v2):
    with refused(400, 13151):
        v2.users_create({**ANA, "org_identifiers": ["4711"]})


def test_a_password_set_by_the_administrator_opens_the_account(v2, v2_as):
    v2.users_create(ANA)
    assert v2.users_reset_password("ana", "another-password") is True
    with refused(401):
        v2_as("ana", ANA["password"])
    assert v2_as("ana", "another-password").auth_session_user()["name"] == "ana"


@pytest.mark.parametrize("password", ["short", "ana"])
def test_a_weak_password_is_refused_and_the_old_one_stays(v2, v2_as, password):
    v2.users_create(ANA)
    with refused(400):
        v2.users_reset_password("ana", password)
    assert v2_as("ana", ANA["password"]).auth_session_user()["name"] == "ana"


def test_a_password_in_an_update_does_nothing(v2, v2_as):
    v2.users_create(ANA)
    assert v2.users_update("ana", {"password": "another-password"}) is True
    assert v2_as("ana", ANA["password"]).auth_session_user()["name"] == "ana"


def test_an_inactive_user_cannot_sign_in(v2, v2_as):
    v2.users_create(ANA)
    v2.users_update("ana", {"account_status": "INACTIVE"})
    with refused(401):
        v2_as("ana", ANA["password"])
    v2.users_update("ana", {"account_status": "ACTIVE"})
    assert v2_as("ana", ANA["password"]).auth_session_user()["name"] == "ana"


@pytest.mark.parametrize("name", [ADMIN, "system", "su", "guest"])
def test_built_in_users_cannot_be_deleted(simulator, v2, name):
    with refused(403):
        v2.users_delete(name)
    assert simulator.user(name) is not None


def test_who_administers_nothing_may_look_and_not_touch(simulator, v2, v2_as):
    v2.users_create(ANA)
    ana = v2_as("ana", ANA["password"])
    assert [user["name"] for user in ana.users_search({"user_identifier": ADMIN})] == [ADMIN]
    for attempt in (
        lambda: ana.users_create({**ANA, "name": "bo"}),
        lambda: ana.users_update(ADMIN, {"display_name": "Owned"}),
        lambda: ana.users_delete(ADMIN),
        lambda: ana.users_reset_password(ADMIN, "owned-by-ana"),
    ):
        with refused(403):
            attempt()
    assert simulator.user("bo") is None
    assert v2_as(ADMIN, PASSWORD).auth_session_user()["name"] == ADMIN


def test_users_change_their_own_password_with_the_old_one(v2, v2_as):
    v2.users_create(ANA)
    ana = v2_as("ana", ANA["password"])
    with refused(400):
        ana.users_change_password("ana", "not-the-old-one", "another-password")
    assert ana.users_change_password("ana", ANA["password"], "another-password") is True
    assert v2_as("ana", "another-password").auth_session_user()["name"] == "ana"
    with refused(401):
        v2_as("ana", ANA["password"])


def test_a_deactivated_user_comes_back_with_the_token_of_the_link(simulator, v2, v2_as):
    v2.users_create(ANA)
    link = v2.users_deactivate("ana", "https://thoughtspot.example")["activation_link"]
    assert link.startswith("https://thoughtspot.example")
    with refused(401):
        v2_as("ana", ANA["password"])
    token = link.partition("token=")[2]
    with refused(400):
        v2.users_activate("ana", "not-the-token", "another-password")
    assert v2.users_activate("ana", token, "another-password")["account_status"] == "ACTIVE"
    assert v2_as("ana", "another-password").auth_session_user()["name"] == "ana"


def test_forcing_a_logout_ends_the_sessions_of_those_named(v2, v2_as):
    v2.users_create(ANA)
    ana = v2_as("ana", ANA["password"])
    assert v2.users_force_logout(["ana"]) is True
    with refused(401):
        ana.auth_session_user()
    assert v2.auth_session_user()["name"] == ADMIN


def test_forcing_a_logout_of_nobody_is_one_of_everybody(v2, v2_as):
    v2.users_create(ANA)
    ana = v2_as("ana", ANA["password"])
    v2.users_force_logout([])
    for client in (ana, v2):
        with refused(401):
            client.auth_session_user()
