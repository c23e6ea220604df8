"""The part of the client's protocol in memory that speaks of the server itself."""

from collections.abc import Mapping
from dataclasses import replace

from plugins.module_utils.storage_server.errors import StoreError
from plugins.module_utils.storage_server.settings import DYNAMIC, Told
from plugins.module_utils.storage_server.tiers import Tier

KNOWN = {
    "api": {"requests_max": "0", "cors_allow_origin": "*"},
    "scanner": {"speed": "default", "alert_excess_versions": "100"},
    "notify_webhook": {"enable": "off", "endpoint": "", "auth_token": "", "queue_dir": ""},
}


class FakeServer:
    """Of settings it knows a few; what waits for a restart is told at once, as by the adapter."""

    def settings(self) -> dict[str, Told]:
        self._authenticated()
        return {**{name: Told(values) for name, values in KNOWN.items()}, **self.world.settings}

    def set_settings(self, name: str, values: Mapping[str, str]) -> None:
        with self._writing(f"set_settings {name}"):
            subsystem = name.partition(":")[0]
            if subsystem not in KNOWN:
                raise StoreError(f"unknown sub-system {subsystem}", code="XMinioConfigError", status=400)
            known = self.world.settings.get(name, Told(KNOWN[subsystem])).values
            switched = {"enable": "on"} if "enable" in KNOWN[subsystem] else {}
            self.world.settings[name] = Told({**known, **switched, **values}, waits=subsystem not in DYNAMIC)

    def reset_settings(self, name: str) -> None:
        with self._writing(f"reset_settings {name}"):
            self.world.settings[name] = Told({}, waits=True, removed=True)

    def tiers(self) -> dict[str, Tier]:
        self._authenticated()
        return dict(self.world.tiers)

    def tier_works(self, name: str) -> bool:
        self._authenticated()
        return self.world.tiers[name].credentials_work

    def add_tier(self, tier: Tier, secret: str) -> None:
        with self._writing(f"add_tier {tier.name}"):
            self._try_tier(secret)
            self.world.tiers[tier.name] = tier

    def change_tier(self, tier: Tier, secret: str) -> None:
        with self._writing(f"change_tier {tier.name}"):
            self._try_tier(secret)
            known = self.world.tiers[tier.name]
            self.world.tiers[tier.name] = replace(known, access_key=tier.access_key, credentials_work=True)

    def remove_tier(self, name: str) -> None:
        with self._writing(f"remove_tier {name}"):
            self.world.tiers.pop(name, None)

    def _try_tier(self, secret: str) -> None:
        if secret != self.world.tier_secret:
            code = "XMinioAdminTierInsufficientPermissions"
            raise StoreError("the other store refuses the credentials", code=code, status=400)

    def notification_targets(self) -> dict[str, str]:
        self._authenticated()
        return dict(self.world.targets)

    def encrypts(self) -> bool:
        self._authenticated()
        return self.world.encrypts
