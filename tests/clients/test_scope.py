"""Whether anything of the published clients was forgotten. Runs last, and only when all of the tests run."""

import inspect
import typing

import pytest
from thoughtspot_rest_api import TSRestApiV1, TSRestApiV2

from recorded import CALLED, RAISED, public_methods
from refusals import refused
from scope import LEFT_OUT, LEFT_UNSERVED, REFUSED


@pytest.mark.parametrize(
    ("client", "name"), [(client, name) for client, names in LEFT_UNSERVED.items() for name in sorted(names)], ids=lambda value: str(value)
)
def test_what_is_not_simulated_is_not_there(simulator, client, name):
    signed_in = client(simulator.url)
    method = getattr(signed_in, name)
    parameters = inspect.signature(method).parameters.values()
    needed = {parameter.name: anything(parameter) for parameter in parameters if parameter.default is parameter.empty}
    with refused(404):
        method(**needed)


def anything(parameter):
    kind = typing.get_origin(parameter.annotation) or parameter.annotation
    return {bool: False, dict: {}, int: 0, list: []}.get(kind, "x")


@pytest.mark.last
@pytest.mark.parametrize("client", [TSRestApiV1, TSRestApiV2])
def test_every_method_is_called_or_left_out_for_a_reason(client):
    methods = public_methods(client)
    refused_always = set(REFUSED[client])
    assert LEFT_OUT[client] | refused_always <= methods, "these do not exist"
    assert sorted(methods - LEFT_OUT[client] - CALLED[client] - refused_always) == [], "these never came back"
    assert sorted((LEFT_OUT[client] | refused_always) & CALLED[client]) == [], "these do, and need no excuse"
    assert sorted(refused_always - RAISED[client]) == [], "these were never tried"
