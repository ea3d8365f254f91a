"""Groups, as the published v2 client makes, reads, changes and deletes them."""

import pytest

from refusals import refused


def people(v2, *names):
    for name in names:
        v2.users_create({"name": name, "display_name": name, "email": f"{name}@example.com", "password": f"{name}-has-a-password"})


def test_a_group_is_created_found_changed_and_deleted(simulator, v2):
    people(v2, "ana")
    request = {"name": "Sales", "display_name": "Sales team", "privileges": ["DATADOWNLOADING"], "user_identifiers": ["ana"]}
    created = v2.groups_create(request)
    assert created["orgs"] == [{"id": "0", "name": "Primary"}]
    assert [group["id"] for group in v2.groups_search({"group_identifier": "Sales"})] == [created["id"]]
    assert [user["name"] for user in v2.groups_search({"group_identifier": "Sales"})[0]["users"]] == ["ana"]
    assert v2.groups_search({"group_identifier": "Sales", "include_users": False})[0]["users"] == []

    assert v2.groups_update("Sales", {"name": "Sales-EU", "description": "Europe"}) is True
    changed = simulator.group("Sales-EU")
    assert (changed["id"], changed["description"], changed["users"]) == (created["id"], "Europe", ["ana"])

    assert v2.groups_delete("Sales-EU") is True
    assert simulator.group("Sales-EU") is None
    assert simulator.user("ana")["groups"] == ["Primary/All"]


def test_one_name_can_be_a_group_in_each_org(simulator, v2, v2_as, acme):
    in_acme = v2_as(org_id=acme)
    ids = {client.groups_create({"name": "Sales", "display_name": "Sales"})["id"] for client in (v2, in_acme)}
    assert len(ids) == 2
    assert {group["id"] for group in v2.groups_search({"name_pattern": "Sales"})} == ids
    assert [group["orgs"] for group in in_acme.groups_search({"name_pattern": "Sales"})] == [[{"id": str(acme), "name": "acme"}]]
    assert len(v2.groups_search({"name_pattern": "Sales", "org_identifiers": [str(acme)]})) == 1


def test_lists_are_replaced_unless_another_operation_is_named(simulator, v2):
    people(v2, "ana", "bo")
    v2.groups_create({"name": "Sales", "display_name": "Sales", "user_identifiers": ["ana"], "privileges": ["DATADOWNLOADING"]})
    v2.groups_update("Sales", {"user_identifiers": ["bo"], "operation": "ADD"})
    assert simulator.group("Sales")["users"] == ["ana", "bo"]
    v2.groups_update("Sales", {"user_identifiers": ["ana"], "operation": "REMOVE"})
    v2.groups_update("Sales", {"privileges": ["SHAREWITHALL"]})
    assert simulator.group("Sales")["users"] == ["bo"]
    assert simulator.group("Sales")["privileges"] == ["SHAREWITHALL"]
    v2.groups_update("Sales", {"user_identifiers": []})
    assert simulator.group("Sales")["users"] == []


def test_members_of_a_nested_group_have_the_privileges_of_the_outer_one(simulator, v2):
    people(v2, "ana")
    v2.groups_create({"name": "Inner", "display_name": "Inner", "user_identifiers": ["ana"]})
    v2.groups_create({"name": "Outer", "display_name": "Outer", "privileges": ["DATADOWNLOADING"], "sub_group_identifiers": ["Inner"]})
    assert simulator.group("Outer")["sub_groups"] == ["Inner"]
    assert "DATADOWNLOADING" in v2.users_search({"user_identifier": "ana"})[0]["privileges"]
    with refused(400):
        v2.groups_update("Inner", {"sub_group_identifiers": ["Outer"], "operation": "ADD"})
    assert simulator.group("Inner")["sub_groups"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"user_identifiers": ["nobody"]},
        {"sub_group_identifiers": ["no-such-group"]},
        {"privileges": ["MAKE_COFFEE"]},
        {"visibility": "SECRET"},
    ],
)
def test_a_bad_change_changes_nothing(simulator, v2, change):
    v2.groups_create({"name": "Sales", "display_name": "Sales"})
    before = simulator.group("Sales")
    with refused(400):
        v2.groups_update("Sales", {"description": "changed", **change})
    assert simulator.group("Sales") == before


def test_a_taken_name_is_refused(simulator, v2):
    v2.groups_create({"name": "Sales", "display_name": "Sales"})
    with refused(400, 10002):
        v2.groups_create({"name": "Sales", "display_name": "Other"})
    assert simulator.group("Sales")["display_name"] == "Sales"


def test_an_unknown_group_is_refused(v2):
    assert v2.groups_search({"group_identifier": "no-such-group"}) == []
    with refused(400, 13003):
        v2.groups_update("no-such-group", {"description": "x"})
    with refused(400, 13003):
        v2.groups_delete("no-such-group")


@pytest.mark.parametrize("name", ["All", "Administrator", "System"])
def test_built_in_groups_cannot_be_deleted(simulator, v2, name):
    with refused(403):
        v2.groups_delete(name)
    assert simulator.group(name) is not None


def test_all_cannot_be_left(simulator, v2):
    people(v2, "ana")
    v2.groups_update("All", {"user_identifiers": ["ana"], "operation": "REPLACE"})
    assert "tsadmin" in simulator.group("All")["users"]


def test_who_administers_nothing_may_look_and_not_touch(simulator, v2, v2_as):
    people(v2, "ana")
    v2.groups_create({"name": "Sales", "display_name": "Sales"})
    ana = v2_as("ana", "ana-has-a-password")
    assert len(ana.groups_search({"group_identifier": "Sales"})) == 1
    for attempt in (
        lambda: ana.groups_create({"name": "Own", "display_name": "Own"}),
        lambda: ana.groups_update("Administrator", {"user_identifiers": ["ana"], "operation": "ADD"}),
        lambda: ana.groups_delete("Sales"),
    ):
        with refused(403):
            attempt()
    assert simulator.group("Own") is None
    assert simulator.group("Sales") is not None
    assert "ana" not in simulator.group("Administrator")["users"]
