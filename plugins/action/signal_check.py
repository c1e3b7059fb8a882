# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the module signal_check inside Ansible's worker."""

from __future__ import annotations

from ansible_collections.rackspace.aws_accounts.plugins.modules.signal_check import ENTRY
from ansible_collections.rackspace.aws_accounts.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """The module's entry, in the worker."""

    entry = ENTRY
