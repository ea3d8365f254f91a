"""The published clients, which note which of their methods were called. What they do is not touched."""

import functools
import inspect
from collections import defaultdict

import requests
from thoughtspot_rest_api import TSRestApiV1, TSRestApiV2

# By client class: the methods that were called and did not raise, but for an answer without a body where JSON was expected.
CALLED = defaultdict(set)
# Those that were called and refused.
RAISED = defaultdict(set)


def public_methods(client):
    """The names of what a user of the class can call."""
    members = inspect.getmembers(client, inspect.isfunction)
    return {name for name, _ in members if not name.startswith("_")}


def _noted(client, name, method):
    @functools.wraps(method)
    def call(*arguments, **named):
        try:
            answer = method(*arguments, **named)
        except requests.exceptions.JSONDecodeError:
            CALLED[client].add(name)
            raise
        except requests.HTTPError:
            RAISED[client].add(name)
            raise
        CALLED[client].add(name)
        return answer

    return call


def _recorded(client):
    methods = public_methods(client)

    class Recorded(client):
        def __getattribute__(self, name):
            attribute = super().__getattribute__(name)
            return _noted(client, name, attribute) if name in methods else attribute

    Recorded.__name__ = client.__name__
    return Recorded


V1 = _recorded(TSRestApiV1)
V2 = _recorded(TSRestApiV2)
