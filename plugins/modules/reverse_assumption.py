#!/usr/bin/python
# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: reverse_assumption
version_added: 0.1.0
short_description: Remove what the provider set up in an AWS account that is handed back
description:
  - Remove what the provider set up in an AWS account that is handed back.
author:
  - The rackspace.aws_accounts contributors (@rackspace)
"""

from ansible_collections.rackspace.aws_accounts.plugins.module_utils.reverse_assumption import ENTRY


def main() -> None:
    """Run as an ordinary module."""
    ENTRY.main()


if __name__ == "__main__":
    main()
