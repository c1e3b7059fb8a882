# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The gates of a hand-over (E2): facts in, answers out. Nothing is read here, and none passes by default.

Each gate answers pass, fail or unknown, with its evidence and, unless it passes, what to do. All are told at once. Only
business_hours and nearest_date can be set aside, each by name and with a reason.
"""
