# Copyright: Contributors to the rackspace.aws_accounts project
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A day that does not end while tests run: that of a place on earth where it is noon as they begin."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: that place's time zone; east of Greenwich these names have a minus
TIME_ZONE = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"
TODAY = datetime.now(ZoneInfo(TIME_ZONE)).date().isoformat()
