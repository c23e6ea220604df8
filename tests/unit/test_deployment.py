"""Deployment: each kind of change by name, with old, new and its playbook, and no secret."""

import copy

import pytest

from plugins.module_utils.storage_server.deployment import PLAYBOOKS, deployment
from plugins.module_utils.storage_server.errors import DeploymentError

POOL = "http://minio{1...2}/data"


def service(drive):
    return {
        "image": "storageserver/minio:aaaa",
        "command": ["server", "--address", ":9000", POOL],
        "environment": {"MINIO_UPDATE": "off", "MINIO_KMS_SECRET_KEY": "kept-out-of-sight"},
        "volumes": [
            {"type": "bind", "source": f"/mnt/{drive}/minio", "target": "/data"},
            {"type": "bind", "source": "/opt/storageserver/env", "target": "/run/storageserver"},
        ],
        "pids_limit": 4096,
    }


def cluster():
    compose = {
        "services": {"minio1": service("drive3"), "minio2": service("drive2")},
        "networks": {"mynetwork": {"driver": "bridge"}},
    }
    return {"host": "store", "compose": compose, "root_digest": "digest-of-old"}


def params(desired, **changes):
    return {
        "deployed": cluster(),
        "desired": desired,
        "data": True,
        "playbooks": [],
        "allow_restart": False,
        "playbook": "",
        **changes,
    }


def each(services, **changes):
    for node in services.values():
        node.update(changes)


def image(desired):
    each(desired["compose"]["services"], image="storageserver/minio:bbbb")


def environment(desired):
    each(
        desired["compose"]["services"], environment={"MINIO_UPDATE": "on", "MINIO_KMS_SECRET_KEY": "kept-out-of-sight"}
    )


def arguments(desired):
    each(desired["compose"]["services"], command=["server", "--address", ":9900", POOL])


def root(desired):
    desired["root_digest"] = "digest-of-new"


def key(desired):
    desired["key_digest"] = "digest-of-a-key"


def drives(desired):
    desired["compose"]["services"]["minio1"]["volumes"][0]["source"] = "/mnt/drive9/minio"


def host(desired):
    desired["host"] = "other"


def pool_added(desired):
    services = desired["compose"]["services"]
    each(services, command=["server", "--address", ":9000", POOL, "http://minio{3...4}/data"])
    services["minio3"] = copy.deepcopy(services["minio2"])
    services["minio4"] = copy.deepcopy(services["minio2"])


CHANGES = [
    (image, "image", "minio1, minio2", "storageserver/minio:aaaa", "storageserver/minio:bbbb"),
    (environment, "environment", "minio1, minio2", "MINIO_UPDATE=off", "MINIO_UPDATE=on"),
    (arguments, "arguments", "minio1, minio2", "server --address :9000", "server --address :9900"),
    (root, "root credentials", "", "(not shown)", "others"),
    (key, "encryption key", "", "(not shown)", "another"),
    (drives, "drives", "minio1", "/mnt/drive3/minio at /data", "/mnt/drive9/minio at /data"),
    (host, "host", "minio1, minio2", "store", "other"),
    (pool_added, "pools", "minio1, minio2", POOL, f"{POOL} http://minio{{3...4}}/data"),
]


@pytest.mark.parametrize(("change", "what", "node", "old", "new"), CHANGES, ids=[row[1] for row in CHANGES])
def test_every_named_change_is_refused_with_old_new_and_playbook(change, what, node, old, new):
    desired = cluster()
    change(desired)
    with pytest.raises(DeploymentError) as refused:
        deployment(params(desired, allow_restart=True))
    difference = {"what": what, "node": node, "old": old, "new": new, "playbook": PLAYBOOKS[what]}
    assert difference in refused.value.result["deployment"]["differences"]
    assert f"{old} → {new}; the playbook for it is {PLAYBOOKS[what]} (not part of this version yet)" in str(
        refused.value
    )


def test_every_kind_of_change_has_a_test():
    assert {row[1] for row in CHANGES} == set(PLAYBOOKS)


def test_nodes_added_are_a_change_of_pools():
    desired = cluster()
    pool_added(desired)
    found = deployment(params(desired, data=False))["differences"]
    assert [(d["node"], d["old"], d["new"]) for d in found if d["what"] == "pools" and not d["node"]] == [
        ("", "nodes minio1, minio2", "nodes minio1, minio2, minio3, minio4")
    ]


def test_a_playbook_that_exists_is_not_called_missing():
    desired = cluster()
    image(desired)
    with pytest.raises(DeploymentError) as refused:
        deployment(params(desired, playbooks=["site.yml", "upgrade.yml"]))
    assert "playbooks/upgrade.yml" in str(refused.value)
    assert "not part" not in str(refused.value)


def test_equal_clusters_do_not_differ_whatever_the_order():
    desired = cluster()
    services = desired["compose"]["services"]
    desired["compose"]["services"] = dict(reversed(services.items()))
    each(services, environment=dict(reversed(services["minio1"]["environment"].items())))
    assert deployment(params(desired)) == {"differences": []}


def test_without_data_everything_may_change():
    desired = cluster()
    image(desired)
    assert len(deployment(params(desired, data=False))["differences"]) == 1


@pytest.mark.parametrize("compose", [{}, {"services": None}, {"services": {}}])
def test_where_nothing_is_deployed_nothing_differs(compose):
    assert deployment(params(cluster(), deployed={"host": "store", "compose": compose, "root_digest": ""})) == {
        "differences": []
    }


def test_a_setting_needs_leave_to_restart_and_no_playbook():
    desired = cluster()
    each(desired["compose"]["services"], pids_limit=8192)
    desired["compose"]["networks"]["mynetwork"]["ipam"] = "elsewhere"
    with pytest.raises(DeploymentError, match=r"pids_limit 4096 → pids_limit 8192; .*cluster_allow_restart=true"):
        deployment(params(desired))
    allowed = deployment(params(desired, allow_restart=True))["differences"]
    assert [(d["what"], d["node"], d["playbook"]) for d in allowed] == [
        ("settings", "minio1, minio2", ""),
        ("settings", "", ""),
    ]


def test_another_directory_of_credentials_is_a_setting_and_no_drive():
    desired = cluster()
    for node in desired["compose"]["services"].values():
        node["volumes"][1]["source"] = "/srv/env"
    assert [d["what"] for d in deployment(params(desired, data=False))["differences"]] == ["settings"]


def test_values_of_secret_variables_are_not_shown():
    desired = cluster()
    each(desired["compose"]["services"], environment={"MINIO_UPDATE": "off", "MINIO_KMS_SECRET_KEY": "another-secret"})
    with pytest.raises(DeploymentError) as refused:
        deployment(params(desired))
    shown = str(refused.value) + repr(refused.value.result)
    assert "MINIO_KMS_SECRET_KEY=(not shown)" in shown
    assert "kept-out-of-sight" not in shown
    assert "another-secret" not in shown
    assert "digest-of" not in shown


def test_a_variable_that_goes_is_a_change():
    desired = cluster()
    each(desired["compose"]["services"], environment={"MINIO_KMS_SECRET_KEY": "kept-out-of-sight"})
    found = deployment(params(desired, data=False))["differences"]
    assert [(d["old"], d["new"]) for d in found] == [("MINIO_UPDATE=off", "MINIO_UPDATE (none)")]


def test_nodes_removed_are_a_change_of_pools():
    desired = cluster()
    del desired["compose"]["services"]["minio2"]
    found = deployment(params(desired, data=False))["differences"]
    assert [(d["what"], d["old"], d["new"]) for d in found] == [("pools", "nodes minio1, minio2", "nodes minio1")]


@pytest.mark.parametrize("change", [image, environment, arguments, key])
def test_the_playbook_for_a_change_makes_it(change):
    desired = cluster()
    change(desired)
    assert deployment(params(desired, playbook="upgrade"))["differences"]


@pytest.mark.parametrize("change", [root, drives, host, pool_added])
def test_no_other_playbook_does(change):
    desired = cluster()
    change(desired)
    with pytest.raises(DeploymentError, match="the playbook for it is"):
        deployment(params(desired, playbook="upgrade"))


def test_what_needs_a_restart_is_made_by_an_upgrade_too():
    desired = cluster()
    each(desired["compose"]["services"], pids_limit=1)
    assert deployment(params(desired, playbook="upgrade"))["differences"]
