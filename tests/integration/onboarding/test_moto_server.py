# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The product knows nothing of our emulator: an unmodified moto_server does."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.integration.onboarding.controller import BIN, PLAIN, Controller, Ran

HOST = "plain"
REGIONS = ["eu-west-1", "us-east-1", "us-west-2"]


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """moto_server as it comes from PyPI, on a free port, and a controller that leads to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        env={"PATH": os.environ["PATH"], "HOME": os.devnull, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "moto_server did not start"
            assert time.monotonic() < deadline, "moto_server does not answer"
            time.sleep(0.05)
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        yield Controller(tmp_path_factory.mktemp("moto"), environment)
    finally:
        server.terminate()
        server.wait(timeout=20)


@dataclass
class Runs:
    first: Ran
    second: Ran


@pytest.fixture(scope="module")
def runs(moto: Controller) -> Runs:
    record = {"account_id": PLAIN, "account_uuid": "0f8fad5b-d9cb-469f-a165-70867728950e", "account_regions": REGIONS}
    inventory = moto.inventory({HOST: record}, provider_subscription_owner="account", account_defaults_wait_timeout=20)
    return Runs(moto.onboard(inventories=[inventory]), moto.onboard(inventories=[inventory]))


def test_an_unmodified_moto_server_is_onboarded(runs: Runs) -> None:
    """Issue 2: it is done when."""
    assert runs.first.status == 0, runs.first.output
    assert runs.first.of(HOST)["changed"] is True
    assert set(runs.first.states(HOST)) <= {"compliant", "skipped"}
    assert runs.first.states(HOST)["compliant"] == 4 + 2 + 8 * len(REGIONS) + 1


def test_a_second_run_against_it_changes_nothing(runs: Runs) -> None:
    """G2."""
    assert runs.second.status == 0, runs.second.output
    assert runs.second.of(HOST)["changed"] is False
