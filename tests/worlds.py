"""Two worlds for one contract: the fake in memory, and a real server."""

import io

from plugins.module_utils.storage_server.bucket_settings import NOTHING
from plugins.module_utils.storage_server.client import MinioStore
from plugins.module_utils.storage_server.connection import Connection
from tests.fake_store import FakeNode, FakeStore, World


class Fake:
    """How a test reaches what the protocol does not offer, on the fake."""

    node = "minio1"

    def __init__(self):
        self.world = World(nodes={self.node: FakeNode()})

    def store(self, read_only=False, secret_key=None):
        return FakeStore(self.world, read_only, secret_key or self.world.secret_key)

    def credentials(self):
        return self.world.access_key, self.world.secret_key

    def begin_upload(self, bucket, name):
        self.world.buckets[bucket].uploads.append(name)


class Real:
    """The same on a real server."""

    def __init__(self, server, client):
        self.server, self.client = server, client
        self.node = server.host

    def store(self, read_only=False, secret_key=None):
        connection = Connection(
            address=f"{self.server.host}:{self.server.port}",
            secure=False,
            access_key=self.server.access_key,
            secret_key=secret_key or self.server.secret_key,
            region="us-east-1",
            verify=True,
            ca_path=None,
        )
        return MinioStore(connection, read_only=read_only)

    def credentials(self):
        return self.server.access_key, self.server.secret_key

    def begin_upload(self, bucket, name):
        upload = self.client._create_multipart_upload(bucket, name, {})
        part = io.BytesIO(bytes(5 << 20)).getvalue()
        self.client._upload_part(bucket, name, part, None, upload, 1)


def set_versioning(store, bucket, versioning):
    store.set_bucket(bucket, "versioning", {**NOTHING, "versioning": versioning})


def versioning(store, bucket):
    return store.bucket_settings()[bucket]["versioning"]
