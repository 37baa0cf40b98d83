"""A pytest plugin: writes of each test how it ended, and what the simulator refused in it as not modelled."""

import json
import os

import botocore.client
import pytest
from botocore.exceptions import ClientError

_refused = []
_call = botocore.client.BaseClient._make_api_call


def _recorded(self, operation_name, api_params):
    try:
        return _call(self, operation_name, api_params)
    except ClientError as error:
        message = error.response.get("Error", {}).get("Message", "")
        if "not modelled by this simulator" in message:
            _refused.append(message)
        raise


botocore.client.BaseClient._make_api_call = _recorded


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "setup":
        _refused.clear()
    if call.when == "call":
        line = {"test": item.nodeid, "outcome": report.outcome, "refused": sorted(set(_refused))}
        with open(os.environ["REFUSALS_FILE"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report
