"""Tags, as the published v2 client makes, reads, changes and deletes them."""

from refusals import refused


def test_a_tag_is_created_found_changed_and_deleted(v2):
    created = v2.tags_create("gold", "#FFD700")
    assert (created["name"], created["color"]) == ("gold", "#ffd700")
    for found in (
        v2.tags_search("gold"),
        v2.tags_search(created["id"]),
        v2.tags_search(name_pattern="GO%"),
        v2.tags_search(color="#ffd700"),
    ):
        assert [tag["id"] for tag in found] == [created["id"]]

    assert v2.tags_update("gold", "silver", "#c0c0c0") is True
    assert [(tag["id"], tag["color"]) for tag in v2.tags_search("silver")] == [(created["id"], "#c0c0c0")]
    assert v2.tags_update("silver", "bronze") is True
    assert v2.tags_search("bronze")[0]["color"] == "#c0c0c0"

    assert v2.tags_delete(created["id"]) is True
    assert v2.tags_search() == []


def test_one_name_can_be_a_tag_in_each_org(v2, v2_as, acme):
    ids = {client.tags_create("gold")["id"] for client in (v2, v2_as(org_id=acme))}
    assert len(ids) == 2
    assert len(v2_as(org_id=acme).tags_search("gold")) == 1


def test_a_bad_tag_is_refused(v2):
    v2.tags_create("gold")
    for attempt in (
        lambda: v2.tags_create("gold"),
        lambda: v2.tags_create("other", "yellowish"),
        lambda: v2.tags_update("no-such-tag", "other"),
        lambda: v2.tags_delete("no-such-tag"),
    ):
        with refused(400):
            attempt()
    assert [tag["name"] for tag in v2.tags_search()] == ["gold"]


def test_who_administers_nothing_may_look_and_not_touch(v2, v2_as):
    v2.users_create({"name": "ana", "display_name": "Ana", "email": "ana@example.com", "password": "ana-has-a-password"})
    v2.tags_create("gold")
    ana = v2_as("ana", "ana-has-a-password")
    assert [tag["name"] for tag in ana.tags_search()] == ["gold"]
    for attempt in (lambda: ana.tags_create("own"), lambda: ana.tags_update("gold", "own"), lambda: ana.tags_delete("gold")):
        with refused(403):
            attempt()
    assert [tag["name"] for tag in v2.tags_search()] == ["gold"]
