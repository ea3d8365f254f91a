"""What the clients raise when the server says no, and what the server said."""

import json
from contextlib import contextmanager

import pytest
import requests


def words(response):
    """Code and message of an error body of either dialect; None where there is none."""
    if not response.content:
        return None, None
    body = response.json()
    if "error" not in body:
        return body["code"], json.loads(body["debug"])[0]
    message = body["error"]["message"]
    if isinstance(message, str):
        return None, message
    inner = message["debug"] if isinstance(message["debug"], dict) else message
    return inner["code"], json.loads(inner["debug"])[0]


@contextmanager
def refused(status, code=None, text=None):
    """The call inside raises the client's error for this status, with this code and these words if they are given."""
    with pytest.raises(requests.HTTPError) as raised:
        yield
    response = raised.value.response
    assert response.status_code == status, response.text
    said_code, said = words(response)
    if code is not None:
        assert said_code == code, response.text
    if text is not None:
        assert text in said, response.text


@contextmanager
def undecodable():
    """The call inside is a success without a body, in which the client looks for JSON."""
    with pytest.raises(requests.exceptions.JSONDecodeError) as raised:
        yield
    assert raised.value.doc == ""
