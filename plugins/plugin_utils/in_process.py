# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs a module's entry inside Ansible's own worker, where Python and botocore are there already.

What a user sees is what the ordinary module would have returned: tests/unit/test_parity.py runs every module both ways.
docs/decisions/0001 says why. Where the worker is not the right place, core's ordinary action does it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.common.json import Direction, get_module_decoder, get_module_encoder
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action.normal import ActionModule as OrdinaryAction
from ansible.utils.display import Display

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.entry import Entry, Run, orphaned
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.preload import (
    keep_from_collection,
    load_filters,
    shared_loader,
)

display = Display()

WIRE = "legacy"  # the serialization profile that core uses for modules written in Python
DISCOVERED = ("auto", "auto_legacy", "auto_silent", "auto_legacy_silent")

# Ansible imports an action plugin in the parent process, before it forks workers: they inherit what is loaded here.
shared_loader()
load_filters()
keep_from_collection()


class InProcessAction(OrdinaryAction):
    """The action of one module. A subclass names the module's ``entry``."""

    entry: ClassVar[Entry]

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the module's result, from here or from an ordinary module."""
        if reason := self._reason_for_ordinary(task_vars or {}):
            display.vvv(f"{self._task.action} runs as an ordinary module: {reason}")
            return super().run(tmp, task_vars)
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        # The same directory that the local connection gives to an ordinary module.
        with contextlib.chdir(os.path.abspath(self._loader.get_basedir())), os_environment(environment):
            printed, notes = self._run_here(invocation_wanted(task_vars or {}))
        result: dict[str, Any] = json.loads(printed, cls=get_module_decoder(WIRE, Direction.MODULE_TO_CONTROLLER))
        for key, values in notes.items():
            if values:
                result[key] = [*result.get(key, []), *values]
        return result

    def _reason_for_ordinary(self, task_vars: dict[str, Any]) -> str:
        if self._task.async_val:
            return "async"
        if self._connection.transport != "local":
            return f"connection {self._connection.transport}"
        if self._connection.become is not None:
            return "become"
        if sys.platform == "darwin" and not os.environ.get("OBJC_DISABLE_INITIALIZE_FORK_SAFETY"):
            return "macOS stops a forked worker that uses its frameworks; set OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES"
        if constants.DEFAULT_KEEP_REMOTE_FILES:
            return "its files shall be kept"
        python = self._configured_python(task_vars)
        if python not in DISCOVERED and not is_this_python(python):
            return f"interpreter {python}"
        return ""

    def _configured_python(self, task_vars: dict[str, Any]) -> str:
        host = self._task.delegate_to
        variables = task_vars.get("ansible_delegated_vars", {}).get(host, task_vars) if host else task_vars
        configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(configured) or "auto").strip()

    def _run_here(self, with_invocation: bool) -> tuple[str, dict[str, list[Any]]]:
        """Return what the module would have printed, and the validator's warnings and deprecations."""
        arguments = json.loads(
            json.dumps(self._task.args, cls=get_module_encoder(WIRE, Direction.CONTROLLER_TO_MODULE)),
            cls=get_module_decoder(WIRE, Direction.CONTROLLER_TO_MODULE),
        )
        checked = ArgumentSpecValidator(**self.entry.rules).validate(arguments)
        if checked.error_messages:  # .errors itself is always true
            result = {"failed": True, "msg": self._validation_message(checked)}
        elif self._task.check_mode and not self.entry.supports_check_mode:
            msg = f"remote module ({self._task.action}) does not support check mode"
            result = {"skipped": True, "msg": msg}
        else:
            result = self._outcome(checked.validated_parameters)
        if with_invocation:
            result["invocation"] = {"module_args": checked.validated_parameters}
        if not tracebacks_wanted():
            result.pop("exception", None)
        warnings = [f"Both option {w['option']} and its alias {w['alias']} are set." for w in checked._warnings]
        notes = {"warnings": warnings, "deprecations": list(checked._deprecations)}
        printed = without_secrets(result, checked._no_log_values)
        return (
            json.dumps(printed, cls=get_module_encoder(WIRE, Direction.MODULE_TO_CONTROLLER)),
            {key: remove_values(values, checked._no_log_values) for key, values in notes.items()},
        )

    def _validation_message(self, checked: ValidationResult) -> str:
        msg = str(checked.errors.msg)
        if isinstance(checked.errors[0], UnsupportedError):
            msg = f"Unsupported parameters for ({self._task.action}) module: {msg}"
        return msg

    def _outcome(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Run the operation. However it ends, nothing that it started may write afterwards."""
        over = threading.Event()
        parent_is_gone = orphaned()
        # The task's timeout interrupts this thread only, and this thread then waits for the operation's others: they
        # must see the deadline themselves.
        deadline = time.monotonic() + self._task.timeout if self._task.timeout else float("inf")
        run = Run(
            check_mode=self._task.check_mode,
            diff=self._task.diff,
            botocore_loader=shared_loader(),
            stopped=lambda: over.is_set() or time.monotonic() >= deadline or parent_is_gone(),
        )
        try:
            return self.entry.outcome(parameters, run)
        finally:
            over.set()


def is_this_python(path: str) -> bool:
    """Tell whether a path is the Python that runs here: with the same installed packages, not only the same binary."""
    found = shutil.which(os.path.expanduser(path))
    if not found:
        return False
    places = [os.path.abspath(python) for python in (found, sys.executable)]
    return len({os.path.dirname(p) for p in places}) == 1 and len({os.path.realpath(p) for p in places}) == 1


def invocation_wanted(task_vars: dict[str, Any]) -> bool:
    """Tell whether results hold ``invocation``: always before core 2.21, which made it a setting."""
    if constants.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(constants.config.get_config_value("INJECT_INVOCATION", variables=task_vars))


def tracebacks_wanted() -> bool:
    """Tell whether ANSIBLE_DISPLAY_TRACEBACK asks for the tracebacks of errors."""
    return not {"error", "always"}.isdisjoint(constants.config.get_config_value("DISPLAY_TRACEBACK"))


def without_secrets(result: dict[str, Any], secrets: set[str]) -> dict[str, Any]:
    """Remove what was given to ``no_log`` options, as AnsibleModule does: top-level booleans and None stay."""
    kept = {key: value for key, value in result.items() if value is None or isinstance(value, bool)}
    return {**remove_values(result, secrets), **kept}


@contextlib.contextmanager
def os_environment(variables: Mapping[str, Any]) -> Iterator[None]:
    """Set environment variables for a while. The next item of a loop runs in this very process."""
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in variables.items()})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
