"""Content: who sees it, owns it and tags it, as the published v2 client asks and changes it."""

import json

import pytest

from refusals import refused
from seeds import AMOUNT, ANSWER, BY_REGION, CONNECTION, LIBRARY, LIVEBOARD, MISSING, TABLE

pytestmark = pytest.mark.seed(LIBRARY)


@pytest.fixture
def ana(v2_as):
    """The v2 client of the author of everything."""
    return v2_as("ana", "ana-has-a-password")


@pytest.fixture
def bo(v2_as):
    """The v2 client of somebody whom nothing belongs to."""
    return v2_as("bo", "bo-has-a-password")


def found(client, **filters):
    sort = {"field_name": "NAME", "order": "ASC"}
    return [row["metadata_name"] for row in client.metadata_search({"sort_options": sort, **filters})]


def share(*grants, identifiers=(LIVEBOARD,)):
    permissions = [{"principal": {"identifier": name, "type": kind}, "share_mode": mode} for name, kind, mode in grants]
    metadata = [{"identifier": identifier} for identifier in identifiers]
    return {"metadata": metadata, "permissions": permissions, "message": "", "notify_on_share": False}


def test_content_is_found_by_those_who_may_see_it(v2, bo):
    assert set(found(v2)) == {"Overview", "Question", "orders", "warehouse"}
    assert found(v2, metadata=[{"type": "LIVEBOARD"}]) == ["Overview"]
    assert found(v2, metadata=[{"name_pattern": "%QUEST%"}]) == ["Question"]
    assert found(v2, metadata=[{"identifier": "no-such", "type": "ANSWER"}]) == []
    assert found(v2, created_by_user_identifiers=["bo"]) == []
    assert found(bo) == []
    with refused(400, 10002, "Specify the metadata_type"):
        v2.metadata_search({"metadata": [{"identifier": "Overview"}]})


def test_a_share_is_given_read_back_and_taken(simulator, v2, bo):
    assert v2.security_metadata_share(share(("Sales", "USER_GROUP", "READ_ONLY"))) is True
    assert found(bo) == ["Overview"]
    assert defined(v2) == {"Sales": "READ_ONLY"}
    granted = v2.security_principals_fetch_permissions({"principals": [{"identifier": "bo", "type": "USER"}]})
    assert "Overview" in json.dumps(granted)

    v2.security_metadata_share(share(("Sales", "USER_GROUP", "MODIFY"), ("bo", "USER", "READ_ONLY")))
    assert defined(v2) == {"Sales": "MODIFY", "bo": "READ_ONLY"}
    v2.security_metadata_share(share(("Sales", "USER_GROUP", "NO_ACCESS"), ("bo", "USER", "NO_ACCESS")))
    assert defined(v2) == {}
    assert found(bo) == []
    assert simulator.counters()["mails"] == 0


def defined(client):
    request = {"metadata": [{"identifier": LIVEBOARD}], "permission_type": "DEFINED"}
    details = client.security_metadata_fetch_permissions(request)["metadata_permission_details"]
    groups = [group for detail in details for group in detail["principal_permission_info"]]
    rows = [row for group in groups for row in group["principal_permissions"]]
    return {row["principal_name"]: row["permission"] for row in rows}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"message": None}, None),
        ({"permissions": [{"principal": {"identifier": "nobody", "type": "USER"}, "share_mode": "READ_ONLY"}]}, 13003),
        ({"metadata": [{"identifier": LIVEBOARD}, {"identifier": MISSING}]}, 13003),
        ({"permissions": [{"principal": {"identifier": "bo", "type": "USER"}, "share_mode": "OWN"}]}, None),
    ],
)
def test_a_bad_share_changes_nothing(v2, change, code):
    request = {**share(("Sales", "USER_GROUP", "READ_ONLY")), **change}
    with refused(400, code):
        v2.security_metadata_share({key: value for key, value in request.items() if value is not None})
    assert defined(v2) == {}


def test_who_may_only_read_may_not_share(v2, bo):
    v2.security_metadata_share(share(("bo", "USER", "READ_ONLY")))
    with refused(403):
        bo.security_metadata_share(share(("Sales", "USER_GROUP", "MODIFY")))
    assert defined(v2) == {"bo": "READ_ONLY"}


def test_listed_objects_get_a_new_author_and_others_do_not(v2):
    assert v2.security_metadata_assign({"metadata": [{"identifier": LIVEBOARD}], "user_identifier": "bo"}) is True
    assert found(v2, created_by_user_identifiers=["bo"]) == ["Overview"]
    assert "Question" in found(v2, created_by_user_identifiers=["ana"])
    request = {"metadata": [{"identifier": LIVEBOARD}, {"identifier": ANSWER}], "user_identifier": "tsadmin"}
    v2.security_metadata_assign({**request, "current_owner_identifier": "ana"})
    assert found(v2, created_by_user_identifiers=["tsadmin"]) == ["Question"]


def test_a_bad_transfer_changes_nothing(v2, bo):
    with refused(400):
        v2.security_metadata_assign({"metadata": [{"identifier": LIVEBOARD}], "user_identifier": "nobody"})
    with refused(400):
        v2.security_metadata_assign({"metadata": [{"identifier": LIVEBOARD}, {"identifier": MISSING}], "user_identifier": "bo"})
    v2.security_metadata_share(share(("bo", "USER", "READ_ONLY")))
    with refused(403):
        bo.security_metadata_assign({"metadata": [{"identifier": LIVEBOARD}], "user_identifier": "bo"})
    assert found(v2, created_by_user_identifiers=["bo"]) == []


def test_a_tag_is_put_on_content_and_taken_off(v2):
    v2.tags_create("gold")
    tagging = {"metadata": [{"identifier": LIVEBOARD}, {"identifier": "Question", "type": "ANSWER"}], "tag_identifiers": ["gold"]}
    for _ in range(2):
        assert v2.tags_assign(tagging) is True
    assert found(v2, tag_identifiers=["gold"]) == ["Overview", "Question"]
    v2.tags_unassign({"metadata": [{"identifier": ANSWER}], "tag_identifiers": ["gold"]})
    assert found(v2, tag_identifiers=["gold"]) == ["Overview"]
    with refused(400):
        v2.tags_assign({"metadata": [{"identifier": MISSING}], "tag_identifiers": ["gold"]})
    with refused(400):
        v2.tags_assign({"metadata": [{"identifier": ANSWER}], "tag_identifiers": ["no-such-tag"]})
    v2.tags_delete("gold")
    assert v2.metadata_search({"metadata": [{"identifier": LIVEBOARD}]})[0]["metadata_header"]["tags"] == []


def test_content_of_a_deleted_user_stays(v2):
    v2.users_delete("ana")
    assert "Overview" in found(v2)


def test_content_is_deleted_all_or_nothing(v2):
    with refused(400, 13003):
        v2.metadata_delete([LIVEBOARD, MISSING])
    assert "Overview" in found(v2)
    assert v2.metadata_delete([LIVEBOARD], metadata_request=[{"identifier": "Overview", "type": "LIVEBOARD"}]) is True
    assert "Overview" not in found(v2)


def test_a_copy_is_asked_for_under_a_key_that_nobody_knows(v2):
    with refused(400, text="identifier"):
        v2.metadata_copyobject(LIVEBOARD, object_type="LIVEBOARD", title="Copy")
    copy = v2.post_request("metadata/copyobject", {"identifier": LIVEBOARD, "type": "LIVEBOARD", "title": "Copy"})
    assert found(v2, metadata=[{"identifier": copy["metadata_id"]}]) == ["Copy"]


def test_an_object_gets_an_id_of_ones_own_once(v2):
    assert v2.metadata_update_obj_id("overview-1", guid=LIVEBOARD) is True
    assert found(v2, metadata=[{"obj_identifier": "overview-1"}]) == ["Overview"]
    with refused(500, 14009):
        v2.metadata_update_obj_id("overview-1", guid=ANSWER)
    attributes = [{"name": "obj_id", "value": "overview-2"}]
    v2.metadata_headers_update({"headers_update": [{"identifier": LIVEBOARD, "type": "LIVEBOARD", "attributes": attributes}]})
    assert found(v2, metadata=[{"obj_identifier": "overview-2"}]) == ["Overview"]


def test_content_is_published_to_another_org_and_taken_back(simulator, v2, acme):
    request = {"metadata": [{"identifier": LIVEBOARD, "type": "LIVEBOARD"}], "org_identifiers": ["acme"]}
    assert v2.security_metadata_publish(request) is True
    assert content(simulator, LIVEBOARD)["published_to"] == ["acme"]
    v2.security_metadata_unpublish({**request, "include_dependencies": True, "force": True})
    assert content(simulator, LIVEBOARD)["published_to"] == []
    with refused(400):
        v2.security_metadata_publish({**request, "org_identifiers": ["no-such-org"]})


def content(simulator, id):
    return next(row for row in simulator.state()["content"] if row["id"] == id)


def test_columns_are_secured_for_groups(v2):
    grant = [{"operation": "ADD", "group_identifiers": ["Sales"]}]
    rule = {"column_identifier": "amount", "is_unsecured": False, "group_access": grant}
    assert v2.security_column_rules_update({"identifier": TABLE, "clear_csr": False, "column_security_rules": [rule]}) is True
    rules = v2.security_column_rules_fetch({"tables": [{"identifier": TABLE}]})[0]["column_security_rules"]
    secured = {rule["column"]["id"]: [group["name"] for group in rule["groups"]] for rule in rules if rule["groups"]}
    assert secured == {AMOUNT: ["Sales"]}


def test_tml_goes_out_and_comes_back_in(v2):
    exported = v2.metadata_tml_export([LIVEBOARD], edoc_format="YAML", metadata_request=[{"identifier": LIVEBOARD, "type": "LIVEBOARD"}])
    document = exported[0]["edoc"]
    assert "Overview" in document
    assert found(v2, metadata=[{"type": "LIVEBOARD"}]) == ["Overview"]
    imported = v2.metadata_tml_import([document], import_policy="ALL_OR_NONE", create_new=True)
    assert imported[0]["response"]["status"]["status_code"] == "OK"
    assert found(v2, metadata=[{"type": "LIVEBOARD"}]) == ["Overview", "Overview"]
    rehearsed = v2.metadata_tml_import([document], import_policy="VALIDATE_ONLY", create_new=True)
    assert rehearsed[0]["response"]["status"]["status_code"] == "OK"
    assert len(found(v2, metadata=[{"type": "LIVEBOARD"}])) == 2


def test_principals_go_out_as_text_page_by_page(v2):
    page = v2.metadata_tml_export_batch({"metadata_type": "USER", "batch_size": 2})
    assert len(page["object"]) == 2
    with refused(400):
        v2.metadata_tml_export_batch({"metadata_type": "LIVEBOARD"})


def test_tml_that_is_none_is_an_error_inside_of_a_200(v2):
    imported = v2.metadata_tml_import(["liveboard: ["], import_policy="PARTIAL")
    assert imported[0]["response"]["status"]["status_code"] == "ERROR"
    with refused(400):
        v2.metadata_tml_export([MISSING])


def test_tml_is_imported_in_the_background(simulator, v2):
    document = v2.metadata_tml_export([LIVEBOARD])[0]["edoc"]
    task = v2.metadata_tml_async_import([document], import_policy="PARTIAL", create_new=True)["task_id"]
    simulator.advance(60)
    rows = v2.metadata_tml_async_status({"task_ids": [task], "include_import_response": True})["status_list"]
    assert [(row["task_id"], row["task_status"]) for row in rows] == [(task, "COMPLETED")]
    assert len(found(v2, metadata=[{"type": "LIVEBOARD"}])) == 2



def test_a_connection_stays_while_tables_come_from_it(v2):
    assert [row["id"] for row in v2.connection_search({"connections": [{"identifier": CONNECTION}]})] == [CONNECTION]
    with refused(400):
        v2.connection_delete_v2(CONNECTION)
    v2.metadata_delete([LIVEBOARD, ANSWER, TABLE])
    assert v2.connection_delete_v2(CONNECTION) is True
    assert found(v2) == []


def test_the_audit_log_says_who_did_what(v2):
    v2.users_create({"name": "cy", "display_name": "Cy", "email": "cy@example.com"})
    v2.security_metadata_share(share(("bo", "USER", "READ_ONLY"), identifiers=(LIVEBOARD,)))
    kinds = [json.loads(row["log"])["type"] for row in v2.logs_fetch()]
    assert {"USERS_CREATED", "SHARE_OBJECTS"} <= set(kinds)


def test_a_user_has_a_home_and_favourites(v2):
    favorites = [{"identifier": LIVEBOARD, "type": "LIVEBOARD"}]
    v2.users_update("ana", {"home_liveboard_identifier": LIVEBOARD, "favorite_metadata": favorites})
    row = v2.users_search({"user_identifier": "ana", "include_favorite_metadata": True})[0]
    assert row["home_liveboard"]["id"] == LIVEBOARD
    assert [favorite["id"] for favorite in row["favorite_metadata"]] == [LIVEBOARD]
    with refused(400):
        v2.users_update("ana", {"home_liveboard_identifier": MISSING})


def test_the_configuration_is_read_and_changed(v2, bo):
    assert "onboarding_content_url" in v2.system_config()
    assert v2.system_config_update({"some_setting": "on"}) is True
    assert v2.system_config_overrides()["config_override_info"]["some_setting"] == "on"
    with refused(403):
        bo.system_config_update({"some_setting": "off"})
    assert BY_REGION in json.dumps(v2.metadata_search({"metadata": [{"identifier": LIVEBOARD}], "include_visualization_headers": True}))
