"""A simulator for each test, and the published clients signed in to it."""

import pytest

import seeds
from recorded import V1, V2
from simulator import ADMIN, PASSWORD, Simulator


def pytest_collection_modifyitems(config, items):
    """Moves what judges the whole run to its end, and out of a run of a part."""
    last = [item for item in items if item.get_closest_marker("last")]
    whole = not config.option.keyword and config.args == [str(config.rootpath)]
    items[:] = [item for item in items if item not in last] + (last if whole else [])


@pytest.fixture
def simulator(request, tmp_path):
    """A new ThoughtSpot, with the settings and the seed of the test's marks."""
    settings, seed = (request.node.get_closest_marker(name) for name in ("settings", "seed"))
    arguments = seeds.write(tmp_path / "seed.json", *seed.args) if seed else []
    simulator = Simulator(settings.kwargs if settings else {}, arguments)
    yield simulator
    simulator.stop()


@pytest.fixture
def v2_as(simulator):
    """Makes v2 clients with a token of a user in an Org."""

    def sign_in(username=ADMIN, password=PASSWORD, org_id=0):
        client = V2(simulator.url)
        client.bearer_token = client.auth_token_full(username, password, org_id=org_id)["token"]
        return client

    return sign_in


@pytest.fixture
def v2(v2_as):
    """The v2 client of the administrator in Primary."""
    return v2_as()


@pytest.fixture
def acme(v2):
    """The id of a tenant's Org."""
    return v2.orgs_create("acme", "The first tenant")["id"]


@pytest.fixture
def v1_as(simulator):
    """Makes v1 clients with a session of a user."""

    def sign_in(username=ADMIN, password=PASSWORD, org_id=None):
        client = V1(simulator.url)
        client.session_login(username, password)
        if org_id is not None:
            client.session_orgs_put(org_id)
        return client

    return sign_in


@pytest.fixture
def v1(v1_as):
    """The v1 client of the administrator in Primary."""
    return v1_as(org_id=0)
