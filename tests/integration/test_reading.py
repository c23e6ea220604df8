"""How many requests it takes to find nothing to do, however much there is."""

import io
import json
import zipfile
from collections import Counter

import pytest
import urllib3

from plugins.module_utils.storage_server.access import Access
from plugins.module_utils.storage_server.credentials import APPLICATIONS, USERS, Credential, CredentialStore
from plugins.module_utils.storage_server.state import CONTENT
from plugins.module_utils.storage_server.wish import Wanted, Wish
from tests.worlds import Real

SECRET = "a-secret-of-somebody"
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::models/*"]}],
}
# As many at once as the server takes in a few seconds.
CHUNK = 250


@pytest.fixture
def requests(monkeypatch):
    """Every HTTP request, by its method."""
    seen = Counter()
    ask = urllib3.PoolManager.urlopen

    def counted(self, method, url, *args, **kw):
        seen[method] += 1
        return ask(self, method, url, *args, **kw)

    monkeypatch.setattr(urllib3.PoolManager, "urlopen", counted)
    return seen


@pytest.fixture
def store(server_of_its_own):
    return Real(server_of_its_own, None).store()


def archive(files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as parts:
        for path, data in files.items():
            parts.writestr(path, data)
    return content.getvalue()


def fill(store, names):
    """One of each kind by each name, by the server's imports."""
    for start in range(0, len(names), CHUNK):
        part = names[start : start + CHUNK]
        key = {"groups": None, "claims": {}, "sessionPolicy": None, "status": "on", "name": "", "description": ""}
        iam = {
            "policies": dict.fromkeys(part, POLICY),
            "users": {name: {"secretKey": SECRET, "status": "enabled"} for name in part},
            "groups": {name: {"version": 1, "status": "enabled", "members": [name]} for name in part},
            "svcaccts": {
                f"KEY{name}": {**key, "parent": name, "accessKey": f"KEY{name}", "secretKey": SECRET} for name in part
            },
            "user_mappings": {name: {"version": 1, "policy": name} for name in part},
        }
        files = {f"iam-assets/{kind}.json": json.dumps(items) for kind, items in iam.items()}
        report = json.loads(store._call("fill it", "PUT", "import-iam-v2", archive(files)))
        assert not any((report.get("failed") or {}).values()), report["failed"]
        store._call("fill it", "PUT", "import-bucket-metadata", archive({f"{name}/x": "" for name in part}))


def wish(names):
    """All of it, declared."""
    return Wish(
        {
            "buckets": {name: Wanted({}) for name in names},
            "users": {name: Wanted({"policies": frozenset({name}), "secret_is_right": True}) for name in names},
            "groups": {name: Wanted({"members": frozenset({name})}) for name in names},
            "service_accounts": {f"app-{name}": Wanted({"parent": name, "secret_is_right": True}) for name in names},
        }
    )


def cost(store, requests, folder, names, secrets):
    """Requests to find nothing to do."""
    kept = CredentialStore(str(folder))
    for name in names:
        kept.keep(USERS, name, Credential(name, SECRET))
        kept.keep(APPLICATIONS, f"app-{name}", Credential(f"KEY{name}", SECRET))
    params = {"access_key": "storageadmin", "secrets": secrets, "credentials_dir": str(folder)}
    requests.clear()
    access = Access(store, params, wish(names))
    current = access.current()
    assert access.steps(current) == []
    assert {kind: len(current.of(kind)) for kind in CONTENT if kind != "policies"} == dict.fromkeys(
        ("buckets", "users", "groups", "service_accounts"), len(names)
    )
    assert set(requests) == {"GET"}
    return requests.total()


def test_with_the_export_it_takes_two_at_ten_and_at_a_thousand(store, requests, tmp_path):
    names = [f"n{number:04}" for number in range(1000)]
    costs = []
    for size in (10, 1000):
        fill(store, names[:size] if size == 10 else names[10:])
        costs.append(cost(store, requests, tmp_path / str(size), names[:size], "export"))
    assert costs == [2, 2]


@pytest.mark.parametrize(("secrets", "each"), [("trust", 2), ("probe", 4)])
def test_without_it_one_for_each_group_and_key_and_probed_secret(store, requests, tmp_path, secrets, each):
    names = [f"n{number:04}" for number in range(12)]
    costs = []
    for size in (2, 12):
        fill(store, names[:2] if size == 2 else names[2:])
        costs.append(cost(store, requests, tmp_path / str(size), names[:size], secrets))
    # A group and a key of each name; with probe, the secret of a user and of a key.
    assert costs[1] - costs[0] == each * 10
