"""When the publisher's jobs run by themselves, as the settings say."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from feedsvc.errors import SettingsError
from feedsvc.scheduling.trigger import Trigger, parse_schedule
from feedsvc.settings import Settings

DUE_EVERY = "60s"  # a clock that was set forward is noticed after so long
HOUSEKEEPING_EVERY = "1h"


def triggers_of(settings: Settings) -> dict[str, Trigger]:
    """Job name -> when it runs; SettingsError for a schedule that cannot be read."""
    options = settings.publisher
    zone = ZoneInfo(settings.site.timezone)
    if options.mode == "schedule" and not options.schedule and not options.category_schedules:
        raise SettingsError(
            "publisher.mode is `schedule`, but neither publisher.schedule nor category_schedules is set."
        )
    triggers: dict[str, Trigger] = {
        "due": parse_schedule(DUE_EVERY, zone),
        "housekeeping": parse_schedule(HOUSEKEEPING_EVERY, zone),
    }
    if options.mode != "schedule":
        triggers["rescan"] = parse_schedule(f"{options.rescan_seconds}s", zone)
    editions = {"edition": options.schedule} if options.schedule else {}
    editions |= {f"edition:{category}": line for category, line in options.category_schedules.items()}
    for name, line in editions.items() if options.mode != "watch" else ():
        try:
            triggers[name] = parse_schedule(line, zone)
        except ValueError as error:
            raise SettingsError(f"publisher schedule of {name.partition(':')[2] or 'everything'}: {error}") from None
    return triggers
