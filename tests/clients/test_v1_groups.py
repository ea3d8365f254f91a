"""Groups, as the published v1 client makes, reads, changes and deletes them. What it did is read back through v2."""

import json

import pytest

from refusals import refused

NOBODY = "0f0dd0f7-1111-4195-a4aa-0dc6b58413c9"


@pytest.fixture
def sales(v1):
    """The GUID of a group in Primary."""
    return v1.group_post("Sales", "Sales team", privileges=["DATADOWNLOADING"])["header"]["id"]


@pytest.fixture
def people(v1):
    """The GUIDs of two users in Primary."""
    return [v1.user_post(name, f"{name}-has-a-password", name)["header"]["id"] for name in ("ana", "bo")]


def test_a_group_made_in_v1_is_found_in_v2(v1, v2, sales):
    row = v2.groups_search({"group_identifier": sales})[0]
    assert (row["name"], row["display_name"], row["privileges"]) == ("Sales", "Sales team", ["DATADOWNLOADING"])
    by_id, by_name = v1.group_get(group_guid=sales), v1.group_get(name="Sales")
    assert by_id == by_name
    assert by_id["header"]["description"] == ""


def test_a_group_made_in_v2_is_found_in_v1(v1, v2):
    made = v2.groups_create({"name": "Support", "display_name": "Support"})
    assert made["id"] in [group["header"]["id"] for group in v1.group_get()]
    assert v1.group_get(group_guid=made["id"])["displayName"] == "Support"


def test_a_bad_group_is_refused(simulator, v1, sales):
    before = simulator.state()
    with refused(409):
        v1.group_post("Sales", "Other", privileges=None)
    with refused(400):
        v1.group_post("Other", "Other", privileges=["MAKE_COFFEE"])
    with refused(400):
        v1.group_get(name="no-such-group")
    assert simulator.state() == before


def test_members_are_added_listed_and_removed(simulator, v1, v2, sales, people):
    assert v1.group_users_post(sales, people) is True
    assert simulator.group("Sales")["users"] == ["ana", "bo"]
    for listed in (v1.group_users_get(sales), v1.group_listuser(sales)):
        assert sorted(user["header"]["name"] for user in listed) == ["ana", "bo"]
    assert [user["name"] for user in v2.groups_search({"group_identifier": sales})[0]["users"]] == ["ana", "bo"]

    assert v1.group_user_delete(sales, people[0]) is True
    assert simulator.group("Sales")["users"] == ["bo"]


def test_unknown_members_are_refused(simulator, v1, sales):
    with refused(400):
        v1.group_users_post(sales, [NOBODY])
    assert simulator.group("Sales")["users"] == []


def test_what_is_in_v1_the_parent_is_in_v2_the_one_that_holds(v1, v2, sales):
    inner = v2.groups_create({"name": "Inner", "display_name": "Inner"})["id"]
    v2.groups_update("Sales", {"sub_group_identifiers": ["Inner"], "operation": "ADD"})
    assert v1.group_get(group_guid=inner)["assignedGroups"] == [sales]
    assert v1.group_get(group_guid=sales)["assignedGroups"] == []


def test_a_group_is_deleted_and_its_members_stay(simulator, v1, sales, people):
    v1.group_users_post(sales, people)
    assert v1.group_delete(sales) is True
    assert simulator.group("Sales") is None
    assert simulator.user("ana")["groups"] == ["Primary/All"]
    with refused(500):
        v1.group_delete(sales)


def test_built_in_groups_cannot_be_deleted(simulator, v1):
    for name in ("All", "Administrator", "System"):
        with refused(403):
            v1.group_delete(simulator.group(name)["id"])
        assert simulator.group(name) is not None


def test_who_administers_nothing_may_not_touch(simulator, v1, v1_as, sales, people):
    ana = v1_as("ana", "ana-has-a-password")
    before = simulator.state()
    with refused(401):
        ana.group_post("Own", "Own", privileges=None)
    for attempt in (
        lambda: ana.group_delete(sales),
        lambda: ana.group_users_post(simulator.group("Administrator")["id"], people),
        lambda: ana.group_addprivilege("ADMINISTRATION", ["Sales"]),
        lambda: ana.group_put(sales, json.dumps(v1.group_get(group_guid=sales))),
    ):
        with refused(403):
            attempt()
    assert simulator.state() == before
