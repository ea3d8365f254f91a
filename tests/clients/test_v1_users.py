"""Users, as the published v1 client makes, reads, changes and deletes them. What it did is read back through v2."""

import json

import pytest

from refusals import refused
from simulator import ADMIN

NOBODY = "0f0dd0f7-1111-4195-a4aa-0dc6b58413c9"
ANA = {"username": "ana", "password": "ana-has-a-password", "display_name": "Ana Diaz", "email": "ana@example.com"}


@pytest.fixture
def ana(v1):
    """The GUID of a user in Primary."""
    return v1.user_post(**ANA)["header"]["id"]


def test_a_user_made_in_v1_is_found_in_v2(v1, v2):
    made = v1.user_post(**ANA)
    assert (made["header"]["name"], made["state"], made["header"]["orgIds"]) == ("ana", "ACTIVE", [0])
    assert "password" not in json.dumps(made).lower()
    row = v2.users_search({"user_identifier": made["header"]["id"]})[0]
    assert (row["name"], row["display_name"], row["email"]) == ("ana", "Ana Diaz", "ana@example.com")


def test_a_user_made_in_v2_is_found_in_v1(v1, v2):
    made = v2.users_create({"name": "bo", "display_name": "Bo", "email": "bo@example.com"})
    by_id, by_name = v1.user_get(user_id=made["id"]), v1.user_get(name="bo")
    assert by_id == by_name
    assert by_id["userContent"]["userProperties"]["mail"] == "bo@example.com"
    assert made["id"] in [user["header"]["id"] for user in v1.user_get()]
    with refused(400):
        v1.user_get(user_id=made["id"], name="ana")


def test_a_user_is_made_in_the_session_s_org_with_groups(simulator, v1_as, acme):
    v1 = v1_as(org_id=acme)
    sales = v1.group_post("Sales", "Sales", privileges=None)["header"]["id"]
    v1.user_post(**ANA, groups=[sales], properties={"team": "north"}, visibility="NON_SHARABLE")
    assert simulator.user("ana")["orgs"] == ["acme"]
    assert simulator.user("ana")["groups"] == ["acme/All", "acme/Sales"]
    assert simulator.user("ana")["email"] == "ana@example.com"


def test_a_taken_name_is_a_conflict(simulator, v1, ana):
    with refused(409):
        v1.user_post(**{**ANA, "display_name": "Another"})
    assert simulator.user("ana")["display_name"] == "Ana Diaz"


def test_a_bad_user_is_refused(simulator, v1):
    with refused(500):
        v1.user_post(**{**ANA, "password": "short"})
    with refused(400):
        v1.user_post(**ANA, groups=[NOBODY])
    with refused(400):
        v1.user_post(**ANA, user_type="ROBOT")
    assert simulator.user("ana") is None


def test_what_is_read_is_changed_and_written_whole(simulator, v1, v2, ana):
    content = v1.user_get(user_id=ana)
    content["displayName"] = content["header"]["displayName"] = "Ana Maria"
    content["userContent"]["userProperties"]["mail"] = "maria@example.com"
    v1.user_put(ana, json.dumps(content), password=None)
    row = v2.users_search({"user_identifier": "ana"})[0]
    assert (row["display_name"], row["email"]) == ("Ana Maria", "maria@example.com")


def test_an_administrator_sets_a_password(v1, v2_as, ana):
    v1.user_put(ana, json.dumps(v1.user_get(user_id=ana)), password="another-password")
    assert v2_as("ana", "another-password").auth_session_user()["name"] == "ana"
    with refused(401):
        v2_as("ana", ANA["password"])


def test_what_is_no_content_is_refused(simulator, v1, ana):
    before = simulator.user("ana")
    with refused(500):
        v1.user_put(ana, "{no json", password=None)
    with refused(500):
        v1.user_put(NOBODY, json.dumps(v1.user_get(user_id=ana)), password=None)
    assert simulator.user("ana") == before


def test_preferences_are_set(v1, v2, ana):
    preferences = v1.build_user_preferences(
        preferred_locale="de-DE", notify_on_share=False, analyst_onboarding_complete=True, show_walk_me=False
    )
    v1.user_updatepreference(ana, "ana", preferences)
    row = v2.users_search({"user_identifier": "ana"})[0]
    set_now = [row[key] for key in ("notify_on_share", "show_onboarding_experience", "onboarding_experience_completed")]
    assert set_now == [False, False, True]
    assert row["preferred_locale"] == "de-DE"


def test_groups_are_replaced_removed_and_listed(simulator, v1, ana):
    sales, support = (v1.group_post(name, name, privileges=None)["header"]["id"] for name in ("Sales", "Support"))
    v1.user_groups_put(ana, [sales, support])
    assert simulator.user("ana")["groups"] == ["Primary/All", "Primary/Sales", "Primary/Support"]
    assert {"Sales", "Support"} <= {group["header"]["name"] for group in v1.user_groups_get(ana)}
    v1.user_groups_delete(ana, [sales])
    assert simulator.user("ana")["groups"] == ["Primary/All", "Primary/Support"]
    with refused(400):
        v1.user_groups_put(ana, [NOBODY])
    assert simulator.user("ana")["groups"] == ["Primary/All", "Primary/Support"]


def test_principals_are_listed_with_their_groups(v1, ana):
    v1.group_post("Sales", "Sales", privileges=None)
    rows = {(row["principalTypeEnum"], row["name"]): row for row in v1.user_list()}
    assert rows["LOCAL_USER", "ana"]["mail"] == "ana@example.com"
    assert rows["LOCAL_GROUP", "Sales"]["groupNames"] == []


def test_sessions_of_those_named_end(v1, v1_as, ana):
    by_name, by_id = v1_as("ana", ANA["password"]), None
    v1.user_session_invalidate(usernames=["ana"])
    with refused(401):
        by_name.session_info()
    by_id = v1_as("ana", ANA["password"])
    v1.user_session_invalidate(user_guids=[ana])
    with refused(401):
        by_id.session_info()
    assert v1.session_info()["userName"] == ADMIN


def test_a_user_is_deleted(simulator, v1, v2, ana):
    assert v1.user_delete(ana) is True
    assert simulator.user("ana") is None
    assert v2.users_search({"user_identifier": ana}) == []
    with refused(500):
        v1.user_delete(ana)
    with refused(400):
        v1.user_get(name="ana")


def test_built_in_users_cannot_be_deleted(simulator, v1):
    for name in (ADMIN, "system", "su", "guest"):
        with refused(403):
            v1.user_delete(v1.user_get(name=name)["header"]["id"])
        assert simulator.user(name) is not None


def test_who_administers_nothing_may_not_touch(simulator, v1, v1_as, ana):
    as_ana = v1_as("ana", ANA["password"])
    before = simulator.state()
    for attempt in (
        lambda: as_ana.user_post("bo", "bo-has-a-password", "Bo"),
        lambda: as_ana.user_put(ana, json.dumps(v1.user_get(user_id=ana)), password="owned-by-ana"),
        lambda: as_ana.user_delete(ana),
        lambda: as_ana.user_groups_post(ana, [simulator.group("Administrator")["id"]]),
    ):
        with refused(403):
            attempt()
    assert simulator.state() == before
