"""Load on a real server: nothing is wrong with it, and what somebody breaks is found."""

import io
import threading
import time

from tests.load.load import Load, Store


def test_a_healthy_server_is_not_blamed_and_a_broken_one_is(server, client, name):
    client.make_bucket(name)
    store = Store(f"{server.host}:{server.port}", server.access_key, server.secret_key, name)
    load = Load(store, workers=3)
    with load:
        time.sleep(4)
    report = load.report()
    assert report.clean, report.examples
    assert report.done > 50
    assert {each.kind for each in load.history} == {"put", "get", "delete", "list", "multipart"}

    gone, changed = [item.object_name for item in client.list_objects(name, "load/", recursive=True)][:2]
    client.remove_object(name, gone)
    client.put_object(name, changed, io.BytesIO(b"other"), 5)
    broken = load.report()
    assert broken.lost == 2
    load.clean()
    assert not list(client.list_objects(name, recursive=True))


def test_what_a_client_is_refused_counts(server, client, name):
    client.make_bucket(name)
    store = Store(f"{server.host}:{server.port}", server.access_key, "not-the-secret", name)
    with Load(store, workers=1) as load:
        threading.Event().wait(0.5)
    assert {each.error for each in load.history} == {"SignatureDoesNotMatch"}
