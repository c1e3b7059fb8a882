# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The journal of an account: one line of evidence for each thing that was done, found or confirmed."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.onboarding import check_options
from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reach import ACCOUNT_SPEC

SPEC: dict[str, dict[str, Any]] = {
    **aws_argument_spec(),
    **ACCOUNT_SPEC,
    "path": {"type": "path", "required": True},
    "run": {"type": "str", "required": True},
    "ticket": {"type": "str", "default": ""},
    "phase": {"type": "str", "required": True},
    "event": {"type": "str", "required": True},
    "data": {"type": "dict", "default": {}},
}


def operation(params: dict[str, Any], run: Run) -> dict[str, Any]:
    """Append the entry; in check mode only return it. Nothing is called."""
    check_options(params, ())
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        **{name: params[name] for name in ("run", "ticket", "phase", "event", "data")},
    }
    if not run.check_mode:
        try:
            append(params["path"], json.dumps(entry))
        except OSError as error:
            raise AccountsError(
                f"account {params['account_name'] or params['account_id']}: the journal {params['path']} cannot be "
                f"written ({error.strerror}); make room, or name another place"
            ) from error
    account = {"id": params["account_id"], "name": params["account_name"]}
    return {"changed": False, "entry": entry, "account": account, "api_calls": 0}


def append(path: str, line: str) -> None:
    """Add a line to a file that only its owner can read, in one write, and see it on the disk.

    Raises:
        OSError: it cannot be written whole.
    """
    os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.lseek(file, 0, os.SEEK_END)
        # a run that died while it wrote left half a line: the next one begins anew
        cut_off = size and os.pread(file, 1, size - 1) != b"\n"
        data = (("\n" if cut_off else "") + line + "\n").encode()
        if os.write(file, data) != len(data):
            raise OSError(28, "no space left for the whole line")
        os.fsync(file)
    finally:
        os.close(file)


ENTRY = Entry(operation=operation, argument_spec=SPEC)
