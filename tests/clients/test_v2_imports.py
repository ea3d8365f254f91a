"""Users and groups in bulk, as the published v2 client imports them."""

from refusals import refused
from simulator import ADMIN

ANA = {"name": "ana", "display_name": "Ana Diaz", "email": "ana@example.com"}


def test_an_import_of_users_is_a_rehearsal_unless_it_says_otherwise(simulator, v2):
    v2.users_create({**ANA, "name": "old"})
    rows = [{"user_identifier": "ana", "display_name": "Ana"}, {"user_identifier": "old", "display_name": "Renamed"}]
    before = simulator.state()
    answer = v2.users_import({"users": rows, "default_password": "a-good-password"})
    assert [[user["name"] for user in answer[key]] for key in ("users_added", "users_updated", "users_deleted")] == [["ana"], ["old"], []]
    assert simulator.state() == before

    v2.users_import({"users": rows, "default_password": "a-good-password", "dry_run": False})
    assert simulator.user("old")["display_name"] == "Renamed"
    assert simulator.user("ana")["has_password"]


def test_an_import_of_users_that_deletes_spares_who_is_built_in(simulator, v2):
    v2.users_create({**ANA, "name": "old"})
    rows = [{"user_identifier": "ana", "display_name": "Ana", "password": "a-good-password"}]
    answer = v2.users_import({"users": rows, "dry_run": False, "delete_unspecified_users": True})
    assert [user["name"] for user in answer["users_deleted"]] == ["old"]
    assert {user["name"] for user in simulator.state()["users"]} == {ADMIN, "system", "su", "guest", "ana"}


def test_a_bad_import_changes_nothing(simulator, v2):
    before = simulator.state()
    with refused(400):
        v2.users_import({"dry_run": False})
    with refused(400):
        v2.users_import({"users": [{"user_identifier": "ana"}], "dry_run": False})
    assert simulator.state() == before


def test_an_import_of_groups_is_a_rehearsal_unless_it_says_otherwise(simulator, v2):
    v2.users_create(ANA)
    v2.groups_create({"name": "Old", "display_name": "Old"})
    rows = [{"group_identifier": "Sales", "display_name": "Sales", "user_identifiers": ["ana"]}]
    before = simulator.state()
    answer = v2.groups_import({"groups": rows, "delete_unspecified_groups": True})
    assert [[group["name"] for group in answer[key]] for key in ("groups_added", "groups_updated", "groups_deleted")] == [["Sales"], [], ["Old"]]
    assert simulator.state() == before

    v2.groups_import({"groups": rows, "delete_unspecified_groups": True, "dry_run": False})
    assert simulator.group("Sales")["users"] == ["ana"]
    assert simulator.group("Old") is None
    assert simulator.group("Administrator") is not None
