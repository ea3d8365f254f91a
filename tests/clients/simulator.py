"""The simulator as a process: started, asked what its world is, moved through time, stopped."""

import json
import os
import subprocess

import requests

ADMIN = "tsadmin"
PASSWORD = "correct-horse-battery"
SECRET_KEY = "4bb4-secret-key-of-the-instance"


class Simulator:
    """One simulated ThoughtSpot on a port of its own, with nothing in it but what is built in."""

    def __init__(self, settings, arguments=()):
        command = [os.environ["SIMULATOR"], "--listen", "127.0.0.1:0", *arguments]
        command += [f"--set={key}={json.dumps(value)}" for key, value in settings.items()]
        secrets = {"THOUGHTSPOT_ADMIN_PASSWORD": PASSWORD, "THOUGHTSPOT_SECRET_KEY": SECRET_KEY}
        self._process = subprocess.Popen(command, env={**os.environ, **secrets}, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line.startswith("listening on "):
            self.stop()
            raise RuntimeError(f"the simulator did not start: {line!r}")
        self.url = line.removeprefix("listening on ").strip()

    def stop(self):
        """Ends the process and waits until it is gone."""
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def state(self):
        """Everything there is, as the simulator dumps it."""
        return self._control("GET", "state").json()

    def counters(self):
        """How many requests of each sort there were."""
        return self._control("GET", "counters").json()

    def last_request(self):
        """What the journal says of the latest API request."""
        return self._control("GET", "journal").json()[-1]

    def advance(self, seconds):
        """Moves the simulator's clock."""
        self._control("POST", "clock", {"advance_seconds": seconds})

    def org(self, name):
        """The Org of this name, or None."""
        return next((org for org in self.state()["orgs"] if org["name"] == name), None)

    def user(self, name):
        """The user of this name, or None."""
        return next((user for user in self.state()["users"] if user["name"] == name), None)

    def group(self, name, org="Primary"):
        """The group of this name in that Org, or None."""
        return next((group for group in self.state()["groups"] if (group["org"], group["name"]) == (org, name)), None)

    def _control(self, method, path, body=None):
        response = requests.request(method, f"{self.url}/_simulator/{path}", json=body, timeout=10)
        response.raise_for_status()
        return response
