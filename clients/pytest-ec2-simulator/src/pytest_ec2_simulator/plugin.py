"""The fixtures, and where the program is found."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Iterator, List

import pytest

from .simulator import Ec2Simulator, StartError


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("ec2_simulator_command", "the program ec2-simulator with its arguments, as in a shell", default="")
    parser.addini("ec2_simulator_options", "options of ec2-simulator beside --port", default="--instant")


def _program(root: Path) -> List[str]:
    for folder in (root, *root.parents):
        installed = folder / "node_modules" / ".bin" / "ec2-simulator"
        if installed.exists():
            return [str(installed)]
    found = shutil.which("ec2-simulator")
    if found is None:
        raise StartError(
            f"there is no ec2-simulator in node_modules of {root} or above it, nor on the PATH; install it with npm, "
            "or say where it is: ec2_simulator_command in pytest.ini"
        )
    return [found]


@pytest.fixture(scope="session")
def ec2_simulator_server(pytestconfig: pytest.Config) -> Iterator[Ec2Simulator]:
    """The simulator of the whole run, as it is."""
    command = shlex.split(str(pytestconfig.getini("ec2_simulator_command")))
    options = shlex.split(str(pytestconfig.getini("ec2_simulator_options")))
    simulator = Ec2Simulator([*(command or _program(pytestconfig.rootpath)), *options])
    yield simulator
    simulator.close()


@pytest.fixture
def ec2_simulator(ec2_simulator_server: Ec2Simulator, monkeypatch: pytest.MonkeyPatch) -> Ec2Simulator:
    """The simulator, emptied; AWS's SDKs and the AWS CLI are led to it."""
    ec2_simulator_server.reset()
    for name, value in ec2_simulator_server.environment.items():
        monkeypatch.setenv(name, value)
    return ec2_simulator_server
