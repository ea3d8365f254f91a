"""Content: who sees it, owns it and tags it, as the published v1 client asks and changes it. What it did is read back through v2."""

import json

import pytest

from refusals import refused
from seeds import ANSWER, BY_REGION, LIBRARY, LIVEBOARD, MISSING, TABLE
from thoughtspot_rest_api import MetadataTypes, PermissionTypes, ShareModes

pytestmark = pytest.mark.seed(LIBRARY)


@pytest.fixture
def ana(v1_as):
    """The v1 client of the author of everything."""
    return v1_as("ana", "ana-has-a-password")


@pytest.fixture
def bo(v1_as):
    """The v1 client of somebody whom nothing belongs to."""
    return v1_as("bo", "bo-has-a-password")


def of(v2, user):
    rows = v2.metadata_search({"created_by_user_identifiers": [user], "record_size": 50})
    return {row["metadata_name"] for row in rows}


def test_content_is_listed_for_those_who_may_see_it(v1, bo):
    assert [row["name"] for row in v1.metadata_listobjectheaders(MetadataTypes.LIVEBOARD)] == ["Overview"]
    assert [row["name"] for row in v1.metadata_listobjectheaders("WORKSHEET")] == []
    assert [row["id"] for row in v1.metadata_listobjectheaders("ONE_TO_ONE_LOGICAL", filter="%ORD%")] == [TABLE]
    assert [row["id"] for row in v1.metadata_listobjectheaders(MetadataTypes.ANSWER, fetchids=[ANSWER])] == [ANSWER]
    assert [row["id"] for row in v1.metadata_listvizheaders(LIVEBOARD)] == [BY_REGION]
    with refused(400):
        v1.metadata_listvizheaders(MISSING)
    assert bo.metadata_listobjectheaders(MetadataTypes.LIVEBOARD) == []


def test_what_a_group_or_user_sees_is_listed(simulator, v1):
    bo, sales = simulator.user("bo")["id"], simulator.group("Sales")["id"]
    assert v1.metadata_listas(bo, MetadataTypes.USER)["headers"] == []
    v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], v1.create_share_permissions([sales]))
    for principal, kind in ((bo, MetadataTypes.USER), (sales, MetadataTypes.GROUP)):
        seen = v1.metadata_listas(principal, kind)
        assert ([row["id"] for row in seen["headers"]], seen["isLastBatch"]) == ([LIVEBOARD], True)
    assert v1.metadata_listas(bo, MetadataTypes.USER, minimum_access_level="MODIFY")["headers"] == []
    with refused(404):
        v1.metadata_listas(MISSING, MetadataTypes.USER)


def test_a_share_is_given_and_taken(simulator, v1, bo):
    bo_id, sales = simulator.user("bo")["id"], simulator.group("Sales")["id"]
    permissions = v1.create_share_permissions([sales], [bo_id])
    assert v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], permissions) is True
    assert shares(simulator, LIVEBOARD) == {"Sales": "READ_ONLY", "bo": "MODIFY"}
    assert [row["name"] for row in bo.metadata_listobjectheaders(MetadataTypes.LIVEBOARD)] == ["Overview"]

    taken = v1.add_permission_to_dict(v1.get_sharing_permissions_dict(), bo_id, ShareModes.NO_ACCESS)
    v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], taken)
    assert shares(simulator, LIVEBOARD) == {"Sales": "READ_ONLY"}


def shares(simulator, id):
    content = next(row for row in simulator.state()["content"] if row["id"] == id)
    return {share["name"]: share["access"] for share in content["shares"]}


def test_sharing_a_visualisation_shares_its_liveboard(simulator, v1):
    assert v1.security_shareviz(MetadataTypes.LIVEBOARD, LIVEBOARD, BY_REGION, [simulator.user("bo")["id"]]) is True
    assert shares(simulator, LIVEBOARD) == {"bo": "READ_ONLY"}


def test_a_bad_share_changes_nothing(simulator, v1):
    sales = simulator.group("Sales")["id"]
    for attempt in (
        lambda: v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD, MISSING], v1.create_share_permissions([sales])),
        lambda: v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], v1.create_share_permissions([MISSING])),
        lambda: v1.security_shareviz(MetadataTypes.LIVEBOARD, LIVEBOARD, MISSING, [sales]),
    ):
        with refused(400):
            attempt()
    assert shares(simulator, LIVEBOARD) == {}


def test_who_may_only_read_may_not_share(simulator, v1, bo):
    sales = v1.create_share_permissions([simulator.group("Sales")["id"]])
    with refused(400):
        bo.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], sales)
    v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], sales)
    with refused(403):
        bo.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], v1.create_share_permissions([], [simulator.user("bo")["id"]]))
    assert shares(simulator, LIVEBOARD) == {"Sales": "READ_ONLY"}


def test_permissions_are_read(simulator, v1):
    bo, sales = simulator.user("bo")["id"], simulator.group("Sales")["id"]
    v1.security_share(MetadataTypes.LIVEBOARD, [LIVEBOARD], v1.create_share_permissions([sales]))
    defined = v1.security_metadata_permissions(MetadataTypes.LIVEBOARD, [LIVEBOARD], permission_type=PermissionTypes.DEFINED)
    assert sales in json.dumps(defined) and bo not in json.dumps(defined)
    effective = v1.security_metadata_permissions(MetadataTypes.LIVEBOARD, [LIVEBOARD])
    assert bo in json.dumps(effective)
    one = v1.security_metadata_permissions_by_id(MetadataTypes.LIVEBOARD, LIVEBOARD)
    assert bo in json.dumps(one)
    bulk = v1.security_effectivepermissionbulk({MetadataTypes.LIVEBOARD: [LIVEBOARD], MetadataTypes.ANSWER: [ANSWER]})
    assert LIVEBOARD in json.dumps(bulk)


def test_a_query_that_is_too_long_is_refused(v1):
    with refused(414):
        v1.security_metadata_permissions(MetadataTypes.LIVEBOARD, [LIVEBOARD] * 250)


def test_everything_somebody_owns_is_transferred(v1, v2):
    assert v1.user_transfer_ownership("ana", "bo") is True
    assert of(v2, "ana") == set()
    assert {"Overview", "Question", "orders", "warehouse"} <= of(v2, "bo")


def test_a_transfer_of_listed_objects_transfers_everything(v1, v2):
    """The client sends the list as `objectid`; the server knows `objectsID` only, and ignores the rest."""
    assert v1.user_transfer_ownership("ana", "bo", object_guids=[ANSWER]) is True
    assert of(v2, "ana") == set()
    assert {"Overview", "Question", "orders", "warehouse"} <= of(v2, "bo")


@pytest.mark.parametrize(("giver", "taker"), [("nobody", "bo"), ("ana", "nobody"), ("system", "bo"), ("ana", "su")])
def test_a_bad_transfer_changes_nothing(v1, v2, giver, taker):
    with refused(400):
        v1.user_transfer_ownership(giver, taker)
    assert {"Overview", "Question", "orders", "warehouse"} <= of(v2, "ana")


def test_tags_are_put_on_content_by_id_or_name(v1, v2):
    gold, silver = (v2.tags_create(name)["id"] for name in ("gold", "silver"))
    both = [LIVEBOARD, ANSWER], [MetadataTypes.LIVEBOARD, MetadataTypes.ANSWER]
    assert v1.metadata_assigntag(*both, tag_guids=[gold]) is True
    assert v1.metadata_assigntag([LIVEBOARD], [MetadataTypes.LIVEBOARD], tag_names=["silver"]) is True
    tagged = {tag: {row["metadata_name"] for row in v2.metadata_search({"tag_identifiers": [tag]})} for tag in (gold, silver)}
    assert tagged == {gold: {"Overview", "Question"}, silver: {"Overview"}}
    assert [row["id"] for row in v1.metadata_listobjectheaders(MetadataTypes.ANSWER, tagname=["gold"])] == [ANSWER]
    with refused(500):
        v1.metadata_assigntag([MISSING], [MetadataTypes.LIVEBOARD], tag_guids=[gold])
    with refused(400):
        v1.metadata_assigntag([LIVEBOARD], [MetadataTypes.LIVEBOARD], tag_guids=[MISSING])


def test_data_is_read(v1):
    found = v1.searchdata("[region] [amount]", TABLE)
    assert (found["columnNames"], found["rowCount"]) == (["region", "amount"], 2)
    shown = v1.pinboarddata(LIVEBOARD, [BY_REGION])
    assert shown[BY_REGION]["data"] == [["north", 3], ["south", 4]]
    with refused(400):
        v1.pinboarddata(MISSING, [])


def test_a_liveboard_is_printed(v1):
    assert v1.export_pinboard_pdf(LIVEBOARD).startswith(b"%PDF-")


def test_tml_goes_out_and_comes_back_in(v1, v2):
    document = v1.metadata_tml_export(LIVEBOARD)
    assert document["liveboard"]["name"] == "Overview"
    assert "Overview" in v1.metadata_tml_export_string(LIVEBOARD)
    whole, ids = v1.metadata_tml_export_with_associations_map(LIVEBOARD)
    assert (whole["liveboard"]["name"], ids["Overview"], ids["orders"]) == ("Overview", LIVEBOARD, TABLE)
    text, ids = v1.metadata_tml_export_string_with_associations_map(LIVEBOARD)
    assert "Overview" in text and ids["orders"] == TABLE

    document["liveboard"]["name"] = "Copy"
    imported = v1.metadata_tml_import(document, create_new_on_server=True)
    copy, = v1.guids_from_imported_tml(imported)
    assert [row["metadata_name"] for row in v2.metadata_search({"metadata": [{"identifier": copy}]})] == ["Copy"]
    v1.metadata_tml_import(document, create_new_on_server=True, validate_only=True)
    assert len(v2.metadata_search({"metadata": [{"type": "LIVEBOARD"}]})) == 2


def test_tml_that_is_none_is_an_error_inside_of_a_200(v1):
    with pytest.raises(SyntaxError):
        v1.metadata_tml_import("liveboard: [", formattype="YAML")
    with refused(404):
        v1.metadata_tml_export(MISSING)


def test_the_audit_log_says_who_did_what(v1):
    v1.user_post("cy", "cy-has-a-password", "Cy")
    assert "USERS_CREATED" in [json.loads(row["log"])["type"] for row in v1.logs_topics()]


def test_a_home_is_set_for_another_and_cleared_by_oneself(simulator, v1, ana):
    v1.session_homepinboard_post(LIVEBOARD, simulator.user("ana")["id"])
    assert content_of(simulator)["home_of"] == ["ana"]
    assert ana.session_homepinboard_get() == LIVEBOARD
    assert ana.session_homepinboard_delete() is True
    assert content_of(simulator)["home_of"] == []
    with refused(404):
        v1.session_homepinboard_post(MISSING, simulator.user("ana")["id"])


def content_of(simulator):
    return next(row for row in simulator.state()["content"] if row["id"] == LIVEBOARD)


def test_tags_and_names_are_found_in_lists(v1, v2):
    v2.tags_create("gold")
    assert [row["name"] for row in v1.metadata_list(MetadataTypes.TAG)["headers"]] == ["gold"]
    assert v1.metadata_list_find_guid(MetadataTypes.LIVEBOARD, "Overview") == LIVEBOARD
    with pytest.raises(LookupError):
        v1.metadata_list_find_guid(MetadataTypes.LIVEBOARD, "OVERVIEW")
