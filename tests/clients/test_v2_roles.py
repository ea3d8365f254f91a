"""Roles, as the published v2 client makes, reads, changes and deletes them."""

import pytest

from refusals import refused

pytestmark = pytest.mark.settings(rbac=True)


def test_a_role_is_created_found_changed_and_deleted(v2):
    created = v2.roles_create({"name": "Reader", "description": "reads", "privileges": ["DATADOWNLOADING"]})
    assert (created["permission"], created["orgs"]) == ("MODIFY", [{"id": "0", "name": "Primary"}])
    assert [role["id"] for role in v2.roles_search({"role_identifiers": ["Reader"]})] == [created["id"]]

    changed = v2.roles_update(created["id"], {"name": "Reader", "privileges": ["SHAREWITHALL", "DATADOWNLOADING"]})
    assert (changed["id"], set(changed["privileges"])) == (created["id"], {"SHAREWITHALL", "DATADOWNLOADING"})
    assert changed["description"] == "reads"

    assert v2.roles_delete("Reader") is True
    assert v2.roles_search({"role_identifiers": ["Reader"]}) == []


def test_a_role_given_to_a_group_gives_its_privileges_to_the_members(v2):
    v2.users_create({"name": "ana", "display_name": "Ana", "email": "ana@example.com"})
    v2.roles_create({"name": "Reader", "privileges": ["DATADOWNLOADING"]})
    v2.groups_create({"name": "Sales", "display_name": "Sales", "user_identifiers": ["ana"], "role_identifiers": ["Reader"]})
    assert [role["name"] for role in v2.groups_search({"group_identifier": "Sales"})[0]["roles"]] == ["Reader"]
    assert [group["name"] for group in v2.roles_search({"role_identifiers": ["Reader"]})[0]["groups"]] == ["Sales"]
    assert "DATADOWNLOADING" in v2.users_search({"user_identifier": "ana"})[0]["privileges"]
    v2.roles_delete("Reader")
    assert v2.groups_search({"group_identifier": "Sales"})[0]["roles"] == []


def test_an_update_without_the_name_is_refused(v2):
    v2.roles_create({"name": "Reader"})
    with refused(400, text="name"):
        v2.roles_update("Reader", {"description": "reads"})
    assert v2.roles_search({"role_identifiers": ["Reader"]})[0]["description"] == ""


@pytest.mark.parametrize(
    "request_body", [{"privileges": []}, {"name": "x" * 49}, {"name": "Other", "privileges": ["MAKE_COFFEE"]}, {"name": "Reader"}]
)
def test_a_bad_role_is_refused(v2, request_body):
    v2.roles_create({"name": "Reader"})
    before = v2.roles_search({})
    with refused(400):
        v2.roles_create(request_body)
    assert v2.roles_search({}) == before


def test_a_read_only_role_stays(v2):
    v2.roles_create({"name": "Fixed", "read_only": True})
    with refused(403):
        v2.roles_update("Fixed", {"name": "Loose"})
    with refused(403):
        v2.roles_delete("Fixed")
    with refused(403):
        v2.roles_delete("Super Admin")
    assert {"Fixed", "Super Admin"} <= {role["name"] for role in v2.roles_search({})}


def test_unknown_roles_are_refused(v2):
    with refused(400, 13003):
        v2.roles_update("no-such-role", {"name": "x"})
    with refused(400, 13003):
        v2.roles_delete("no-such-role")
    with refused(400):
        v2.groups_create({"name": "Sales", "display_name": "Sales", "role_identifiers": ["no-such-role"]})


@pytest.mark.settings(rbac=False)
def test_without_role_based_access_control_there_are_no_roles(v2):
    for attempt in (lambda: v2.roles_search({}), lambda: v2.roles_create({"name": "Reader"})):
        with refused(403, 10023):
            attempt()
