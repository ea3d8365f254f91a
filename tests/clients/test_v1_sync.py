"""Users and groups in bulk, as the published v1 client synchronises them."""

import json

import pytest

from refusals import refused
from seeds import principal
from simulator import ADMIN


@pytest.fixture
def people(v1):
    """The GUIDs of two users in Primary."""
    return [v1.user_post(name, f"{name}-has-a-password", name)["header"]["id"] for name in ("ana", "bo")]


@pytest.fixture
def sales(v1):
    """The GUID of a group in Primary."""
    return v1.group_post("Sales", "Sales", privileges=None)["header"]["id"]


def test_a_sync_makes_the_world_equal_to_the_list(simulator, v1, v2_as, people, sales):
    rows = [principal("ana", displayName="Ana Diaz", groupNames=["Sales"]), principal("bo"), principal("cy")]
    rows += [{"name": "Sales", "displayName": "Sales team", "principalTypeEnum": "LOCAL_GROUP", "groupNames": []}]
    answer = v1.user_sync(json.dumps(rows), password="a-good-password", apply_changes=True)
    assert (answer["usersAdded"], answer["usersDeleted"], answer["groupsDeleted"]) == (["cy"], [], [])
    assert simulator.user("ana")["display_name"] == "Ana Diaz"
    assert simulator.user("ana")["groups"] == ["Primary/All", "Primary/Sales"]
    assert simulator.group("Sales")["display_name"] == "Sales team"
    assert v2_as("cy", "a-good-password").auth_session_user()["name"] == "cy"


def test_what_is_listed_can_be_synchronised_back(simulator, v1, people, sales):
    v1.group_users_post(sales, people)
    before = simulator.state()
    v1.user_sync(json.dumps(v1.user_list()), password="a-good-password", apply_changes=True)
    assert simulator.state() == before


def test_a_sync_deletes_although_the_client_was_told_not_to(simulator, v1, people, sales):
    principals = json.dumps([principal("ana")])
    answer = v1.user_sync(principals, password="a-good-password", apply_changes=True, remove_deleted=False)
    assert (answer["usersDeleted"], answer["groupsDeleted"]) == (["bo"], ["Sales"])
    assert simulator.user("bo") is None and simulator.group("Sales") is None
    assert simulator.user(ADMIN) is not None and simulator.group("Administrator") is not None


def test_a_sync_is_a_rehearsal_unless_it_says_otherwise(simulator, v1, people):
    before = simulator.state()
    answer = v1.user_sync(json.dumps([principal("ana", displayName="Renamed"), principal("new")]), password="a-good-password")
    assert (answer["usersAdded"], answer["usersUpdated"], answer["usersDeleted"]) == (["new"], ["ana"], ["bo"])
    assert simulator.state() == before


@pytest.mark.parametrize("principals", ["{no json", '[{"name": "ana"}]'])
def test_a_bad_sync_changes_nothing(simulator, v1, people, principals):
    before = simulator.state()
    with refused(500):
        v1.user_sync(principals, password="a-good-password", apply_changes=True)
    assert simulator.state() == before
