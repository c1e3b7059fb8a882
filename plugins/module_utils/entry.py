# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module is: its options and its operation, without the process that runs them.

The module file runs its entry the ordinary way (``main``); its action plugin runs the same entry inside Ansible's
worker (plugin_utils/in_process.py). Both take the result from ``outcome``, so that they cannot differ.
"""

from __future__ import annotations

import copy
import importlib.util
import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.errors import AccountsError


def never_stopped() -> bool:
    """Stand in for a task that nobody gives up."""
    return False


@dataclass(frozen=True)
class Run:
    """What an operation may know of how it is run.

    Attributes:
        check_mode: nothing may be written.
        diff: somebody will look at the result's ``diff``.
        botocore_loader: a data loader that has botocore's models already, or None.
        stopped: true once the task was given up (its timeout, its parent's end); asked before each write.
    """

    check_mode: bool = False
    diff: bool = False
    botocore_loader: Any = None
    stopped: Callable[[], bool] = never_stopped


@dataclass(frozen=True)
class Entry:
    """A module's options and operation.

    Attributes:
        operation: takes the validated parameters, returns the result. It may raise AccountsError, and it may return
            ``failed: True`` with ``msg`` beside what it did until then. ``diff`` is a list of ``before``, ``after``,
            ``before_header``, ``after_header``; ``warnings`` a list of sentences.
        argument_spec: and the rest: as AnsibleModule takes them.
    """

    operation: Callable[[dict[str, Any], Run], dict[str, Any]]
    argument_spec: dict[str, Any]
    mutually_exclusive: tuple[Any, ...] = ()
    required_together: tuple[Any, ...] = ()
    required_one_of: tuple[Any, ...] = ()
    required_if: tuple[Any, ...] = ()
    required_by: Mapping[str, Any] | tuple[()] = ()
    supports_check_mode: bool = True

    @property
    def rules(self) -> dict[str, Any]:
        """Return the options and what they demand of each other, as AnsibleModule and core's validator take them."""
        return {
            "argument_spec": self.argument_spec,
            "mutually_exclusive": list(self.mutually_exclusive),
            "required_together": list(self.required_together),
            "required_one_of": list(self.required_one_of),
            "required_if": list(self.required_if),
            "required_by": dict(self.required_by),
        }

    def outcome(self, parameters: Mapping[str, Any], run: Run) -> dict[str, Any]:
        """Return the operation's result; exceptions become results here and nowhere else.

        A failed result has ``msg``, and ``exception`` (a formatted traceback) where there was one. Secrets are still
        in it: whoever validated the parameters knows them and removes them.
        """
        try:
            if importlib.util.find_spec("botocore") is None:  # worded as amazon.aws does
                raise AccountsError(missing_required_lib("botocore and boto3"))
            result = dict(self.operation(copy.deepcopy(dict(parameters)), run))
        except AccountsError as error:
            result = {**error.result, "failed": True, "msg": str(error), "exception": traceback.format_exc()}
        except Exception as error:  # a defect, or an answer of AWS that nobody expected: never silent
            msg = f"{type(error).__name__}: {error}"
            result = {"failed": True, "msg": msg, "exception": traceback.format_exc()}
        if result.get("failed"):
            result.setdefault("msg", "failed")
        if not run.diff:
            result.pop("diff", None)
        return result

    def main(self) -> None:
        """Run as an ordinary module, in a process of its own."""
        module = AnsibleModule(supports_check_mode=self.supports_check_mode, **self.rules)
        run = Run(check_mode=module.check_mode, diff=module._diff, stopped=orphaned())
        result = self.outcome(module.params, run)
        for warning in result.pop("warnings", ()):
            module.warn(remove_values(warning, module.no_log_values))  # core removes secrets from all but warnings
        if result.get("failed"):
            module.fail_json(**result)
        module.exit_json(**result)


def orphaned() -> Callable[[], bool]:
    """Return a function that tells whether this process has lost the parent that it has now."""
    parent = os.getppid()
    return lambda: os.getppid() != parent
