"""Settings of the server, its tiers, and what it has been given: the requests that read and change them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from . import settings
from .errors import StoreError
from .notifications import target_of
from .tiers import Tier, tier_body, tier_of

# What is asked of the history: it grows with every change, and only what came after the last start counts.
HISTORY = 1000
# A setting that is on its way out says so, because the server's history does not tell of removals.
GOING = {"enable": "off", "comment": settings.REMOVED}


class ServerRequests:
    """The part of a store's client that speaks of the server itself."""

    # What the client provides.
    _call: Callable[..., bytes]
    _answer: Callable[..., Any]
    _seal: Callable[[Any], bytes]
    _unsealed: Callable[..., bytes]
    _doing: Callable[[str], AbstractContextManager[None]]
    info: Callable[[], dict[str, Any]]

    def settings(self) -> dict[str, settings.Told]:
        """As the node runs with them, and what waits for a restart."""
        told = settings.parse(self._unsealed("read the settings", "config").decode())
        history = json.loads(self._unsealed("read the changed settings", "list-config-history-kv", count=str(HISTORY)))
        since = self._oldest_start()
        later = [each["data"] for each in history or [] if datetime.fromisoformat(each["createTime"]) > since]
        return settings.with_pending(told, later)

    def _oldest_start(self) -> datetime:
        """When the first of the nodes began to run, by the clock of the store, or up to two seconds before."""
        answer = self._answer("read the state of the servers", "GET", "info")
        up = max((server.get("uptime") or 0 for server in json.loads(answer.data)["servers"]), default=0)
        return parsedate_to_datetime(answer.headers["Date"]) - timedelta(seconds=up + 1)

    def set_settings(self, name: str, values: Mapping[str, str]) -> None:
        self._call(f"set {name}", "PUT", "set-config-kv", self._seal(settings.line(name, values)))

    def reset_settings(self, name: str) -> None:
        if ":" in name:
            self.set_settings(name, GOING)
        try:
            self._call(f"reset {name}", "DELETE", "del-config-kv", self._seal(name))
        except StoreError as error:
            if error.code != "XMinioConfigNotFoundError":
                raise

    def tiers(self) -> dict[str, Tier]:
        told = json.loads(self._call("list the tiers", "GET", "tier")) or []
        return {each["Name"]: tier_of(each) for each in told}

    def tier_works(self, name: str) -> bool:
        """Whether the other store lets the server write, read and remove."""
        try:
            self._call(f"try tier {name}", "GET", f"tier/{name}")
        except StoreError as error:
            if error.code != "XMinioAdminTierInsufficientPermissions":
                raise
            return False
        return True

    def add_tier(self, tier: Tier, secret: str) -> None:
        self._call(f"add tier {tier.name}", "PUT", "tier", self._seal(tier_body(tier, secret)))

    def change_tier(self, tier: Tier, secret: str) -> None:
        body = self._seal({"access": tier.access_key, "secret": secret})
        self._call(f"change the credentials of tier {tier.name}", "POST", f"tier/{tier.name}", body)

    def remove_tier(self, name: str) -> None:
        self._call(f"remove tier {name}", "DELETE", f"tier/{name}")

    def notification_targets(self) -> dict[str, str]:
        """ARNs of those who can be told, by type and name."""
        return {target_of(arn): arn for arn in self.info().get("sqsARN") or []}

    def encrypts(self) -> bool:
        """Whether the server has a key."""
        return bool((self.info().get("services") or {}).get("kmsStatus"))
