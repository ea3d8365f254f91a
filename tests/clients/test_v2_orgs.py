"""Orgs, as the published v2 client makes, reads, changes and deletes them."""

import pytest

from refusals import refused

WEEK = 7 * 24 * 3600


def test_an_org_is_created_found_renamed_and_deleted(simulator, v2):
    created = v2.orgs_create("acme", "The first tenant")
    assert created == {"id": created["id"], "name": "acme", "status": "ACTIVE", "description": "The first tenant", "visibility": "SHOW"}
    assert v2.orgs_search({"org_identifier": "acme"}) == [created]
    assert {org["name"] for org in v2.orgs_search({})} == {"Primary", "acme"}

    assert v2.orgs_update(created["id"], {"name": "acme-eu", "description": ""}) is True
    assert simulator.org("acme") is None
    assert simulator.org("acme-eu")["id"] == created["id"]

    assert v2.orgs_delete("acme-eu") is True
    assert simulator.org("acme-eu") is None
    assert v2.orgs_search({"org_identifier": "acme-eu"}) == []


def test_a_new_org_brings_its_own_built_in_groups(simulator, v2, acme):
    assert simulator.group("All", "acme")["id"] != simulator.group("All")["id"]
    assert "ADMINISTRATION" in simulator.group("Administrator", "acme")["privileges"]


def test_members_are_added_and_removed_one_operation_at_a_time(simulator, v2, acme):
    v2.users_create({"name": "ana", "display_name": "Ana Diaz", "email": "ana@example.com"})
    v2.orgs_update(acme, {"user_identifiers": ["ana"], "operation": "ADD"})
    assert set(simulator.user("ana")["orgs"]) == {"Primary", "acme"}
    assert [org["name"] for org in v2.orgs_search({"user_identifiers": ["ana"], "org_identifier": "acme"})] == ["acme"]

    v2.orgs_update(acme, {"user_identifiers": ["ana"], "operation": "REMOVE"})
    assert simulator.user("ana")["orgs"] == ["Primary"]


def test_members_are_added_when_no_operation_is_named(simulator, v2, acme):
    for name in ("ana", "bo"):
        v2.users_create({"name": name, "display_name": name, "email": f"{name}@example.com"})
        v2.orgs_update(acme, {"user_identifiers": [name]})
    assert {"ana", "bo"} <= set(simulator.org("acme")["users"])


@pytest.mark.parametrize("request_body", [{"user_identifiers": ["nobody"]}, {"operation": "TOGGLE", "user_identifiers": []}])
def test_a_bad_change_of_an_org_changes_nothing(simulator, v2, acme, request_body):
    before = simulator.org("acme")
    with refused(400):
        v2.orgs_update(acme, {"description": "changed", **request_body})
    assert simulator.org("acme") == before


def test_a_taken_name_is_refused(simulator, v2, acme):
    with refused(400, 10002, "already exists"):
        v2.orgs_create("acme")
    assert [org["name"] for org in simulator.state()["orgs"]].count("acme") == 1


@pytest.mark.settings(duplicate_name=409)
def test_a_taken_name_is_a_conflict_on_some_releases(v2, acme):
    with refused(409):
        v2.orgs_create("acme")


@pytest.mark.parametrize("name", ["", "x" * 49, "two words"])
def test_a_bad_name_is_refused(simulator, v2, name):
    with refused(400):
        v2.orgs_create(name)
    assert [org["name"] for org in simulator.state()["orgs"]] == ["Primary"]


def test_the_name_of_a_deleted_org_is_held_for_a_week(simulator, v2_as, v2, acme):
    v2.orgs_delete("acme")
    with refused(400):
        v2.orgs_create("acme")
    simulator.advance(WEEK - 600)
    with refused(400):
        v2_as().orgs_create("acme")
    simulator.advance(601)
    assert v2_as().orgs_create("acme")["id"] != acme


def test_deleting_an_org_takes_the_users_who_have_no_other(simulator, v2, v2_as, acme):
    v2_as(org_id=acme).users_create({"name": "only-acme", "display_name": "A", "email": "a@example.com"})
    both = {"name": "both", "display_name": "B", "email": "b@example.com", "org_identifiers": ["0", str(acme)]}
    v2.users_create(both)
    v2.orgs_delete(acme)
    assert simulator.user("only-acme") is None
    assert simulator.user("both")["orgs"] == ["Primary"]
    assert simulator.group("All", "acme") is None


def test_the_last_org_of_a_user_cannot_be_left(simulator, v2):
    v2.users_create({"name": "ana", "display_name": "Ana", "email": "ana@example.com"})
    with refused(400):
        v2.orgs_update("Primary", {"user_identifiers": ["ana"], "operation": "REMOVE"})
    assert simulator.user("ana")["orgs"] == ["Primary"]


def test_primary_cannot_be_deleted(simulator, v2):
    with refused(403):
        v2.orgs_delete("0")
    assert simulator.org("Primary") is not None


def test_an_unknown_org_cannot_be_changed_or_deleted(v2):
    with refused(400):
        v2.orgs_update("4711", {"description": "x"})
    with refused(400):
        v2.orgs_delete("no-such-org")


def test_only_the_cluster_administrator_has_to_do_with_orgs(simulator, v2, v2_as, acme):
    user = {"name": "ana", "display_name": "Ana", "email": "ana@example.com", "password": "a-good-password"}
    v2.users_create({**user, "org_identifiers": ["0", str(acme)]})
    v2_as(org_id=acme).groups_update("Administrator", {"user_identifiers": ["ana"], "operation": "ADD"})
    ana = v2_as("ana", "a-good-password", org_id=acme)
    with refused(403):
        ana.orgs_create("globex")
    with refused(403):
        ana.orgs_delete(acme)
    assert simulator.org("globex") is None
    assert simulator.org("acme") is not None
