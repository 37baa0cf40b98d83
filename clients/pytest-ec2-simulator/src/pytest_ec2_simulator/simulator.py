"""The program ec2-simulator, started on a free port and ended with the process that started it."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import urllib.error
import urllib.request
from typing import Any, Mapping, Optional, Sequence

_END_SECONDS_MAX = 10


class StartError(Exception):
    """The program cannot be started, or ended before it listened; says what it wrote."""


class ControlError(Exception):
    """A control route refused what it was asked for; says why."""


class Ec2Simulator:
    """A running simulator. Raises StartError where it cannot be started."""

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile()
        arguments = [*command, "--port", "0", "--until-input-ends"]
        try:
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError as error:
            self._errors.close()
            raise StartError(f"{arguments[0]} cannot be started: {error}") from error
        assert self._process.stdout is not None
        line = self._process.stdout.readline().decode()
        found = re.search(r"EC2 on (http://\S+?)[, ]", line)
        if found is None:
            self.close()
            raise StartError(f"{' '.join(arguments)} ended before it listened:\n{line}{self._written}")
        self.endpoint = found.group(1)

    @property
    def client_config(self) -> dict[str, str]:
        """What a boto3 client is made with."""
        return {
            "endpoint_url": self.endpoint,
            "region_name": "us-east-1",
            "aws_access_key_id": "any",
            "aws_secret_access_key": "any",
        }

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead AWS's SDKs and the AWS CLI to it."""
        services = {f"AWS_ENDPOINT_URL_{name}": self.endpoint for name in ("EC2", "STS", "SSM")}
        return {
            **services,
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def control(self, method: str, route: str, body: Optional[Mapping[str, Any]] = None) -> dict[str, Any]:
        """Calls a control route, e.g. control("PUT", "capacity", {...}). Raises ControlError with its reason."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sim/{route}", data, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                said: dict[str, Any] = json.load(answer)
                return said
        except urllib.error.HTTPError as error:
            raise ControlError(f"{method} /_sim/{route}: {json.load(error)['error']}") from error

    def step(self, ms: int) -> None:
        """Lets this much time pass, of a clock that stands still otherwise, from the first call on."""
        self.control("PUT", "clock", {"mode": "stepped"})
        self.control("POST", "clock/step", {"ms": ms})

    def reset(self, **but: Any) -> None:
        """Everything is gone; time passes again. What the start gave holds on, but for what is given here."""
        self.control("PUT", "clock", {"mode": "real"})
        self.control("POST", "reset", but)

    def close(self) -> None:
        """Ends it. What it wrote to its standard error stays readable for StartError."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(_END_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.seek(0)
        self._written = self._errors.read().decode(errors="replace")
        self._errors.close()
