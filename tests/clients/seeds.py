"""A world with something in it: two users, a group, and content of one of them."""

import json

CONNECTION = "a0000000-0000-4000-8000-000000000001"
TABLE = "a0000000-0000-4000-8000-000000000002"
REGION = "a0000000-0000-4000-8000-000000000003"
AMOUNT = "a0000000-0000-4000-8000-000000000004"
LIVEBOARD = "a0000000-0000-4000-8000-000000000005"
BY_REGION = "a0000000-0000-4000-8000-000000000006"
ANSWER = "a0000000-0000-4000-8000-000000000007"
MISSING = "a0000000-0000-4000-8000-00000000ffff"


def _user(name):
    return {"name": name, "display_name": name.title(), "email": f"{name}@example.com", "password": f"{name}-has-a-password", "orgs": ["Primary"]}


def _content(id, name, **more):
    return {"id": id, "org": "Primary", "name": name, "author": "ana", **more}


def _column(id, name):
    return _content(id, name, kind="LOGICAL_COLUMN", table=TABLE, data_type="VARCHAR")


_SHOWS = {"table": TABLE, "columns": ["region", "amount"]}

LIBRARY = {
    "users": [_user("ana"), _user("bo")],
    "groups": [{"org": "Primary", "name": "Sales", "display_name": "Sales", "users": ["bo"]}],
    "content": [
        _content(CONNECTION, "warehouse", kind="CONNECTION", warehouse="SNOWFLAKE"),
        _column(REGION, "region"),
        _column(AMOUNT, "amount"),
        _content(
            TABLE, "orders", kind="LOGICAL_TABLE", connection=CONNECTION, columns=[REGION, AMOUNT], rows=[["north", 3], ["south", 4]]
        ),
        _content(LIVEBOARD, "Overview", kind="LIVEBOARD", visualizations=[{"id": BY_REGION, "name": "By region", "shows": _SHOWS}]),
        _content(ANSWER, "Question", kind="ANSWER", shows=_SHOWS),
    ],
}


def principal(name, **more):
    """A user as v1 lists and synchronises it."""
    row = {"name": name, "displayName": name, "mail": f"{name}@example.com", "principalTypeEnum": "LOCAL_USER", "groupNames": []}
    return {**row, **more}


def write(path, seed):
    """Writes a seed where the simulator can read it, and returns the arguments that make it do so."""
    path.write_text(json.dumps(seed))
    return ["--seed", str(path)]
