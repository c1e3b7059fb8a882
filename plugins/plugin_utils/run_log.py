# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The log of one run: everything that is not on the screen."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ansible.vars.clean import module_response_deepcopy, strip_internal_keys


class RunLog:
    """A file that each run writes anew, which only its owner reads.

    Args:
        path: a relative one starts in the working directory.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        file = os.path.abspath(os.path.expanduser(path))
        os.makedirs(os.path.dirname(file), exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
        # a line at a time: workers, which are forked off, inherit nothing that they could write a second time
        self._file = open(descriptor, "w", encoding="utf-8", errors="replace", buffering=1)  # noqa: SIM115

    def write(self, kind: str, text: str, host: str = "") -> None:
        """Write an entry.

        Raises:
            OSError: the disk is full, for instance.
        """
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._file.write(f"{now} {kind}{f' [{host}]' if host else ''} {text}\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def shown(result: Mapping[str, Any]) -> str:
    """Return a result as -v shows it, without what Ansible keeps to itself, and with its warnings."""
    kept = strip_internal_keys(module_response_deepcopy(result))
    for name in ("invocation", "diff"):
        kept.pop(name, None)
    return json.dumps(kept, default=str, sort_keys=True, ensure_ascii=False)
