# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""moto_server as it comes from PyPI: what the product knows nothing of our emulator by."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.integration.onboarding.controller import BIN
from tests.integration.processes import until

ANSWERS_AT = re.compile(r"Running on http://127\.0\.0\.1:(\d+)\s")


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Start one on a free port and yield the environment that leads to it; all of it is one account, moto's own."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as file:
            server = subprocess.Popen(
                [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", "0"],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": os.devnull,
                    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
                    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
                },
                stdout=file,
                stderr=file,
            )

        def answers() -> bool:
            assert server.poll() is None, f"moto_server did not start: {log.read_text()}"
            return ANSWERS_AT.search(log.read_text()) is not None

        try:
            until(answers, "moto_server does not answer", seconds=120)
            (port,) = ANSWERS_AT.findall(log.read_text())
            yield {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": "us-east-1",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_MAX_ATTEMPTS": "1",  # what moto has not is answered as a failing server
                "NO_PROXY": "127.0.0.1,localhost",
            }
        finally:
            server.terminate()
            server.wait(timeout=60)
