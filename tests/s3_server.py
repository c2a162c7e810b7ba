"""A real S3 over HTTP, moto's, with one bucket in it: what several machines share their files through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "songs"


@dataclass(frozen=True)
class S3Server:
    """Where the server is, and who may use it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables that every tool for S3 reads."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
        )

    def keys(self, prefix: str) -> list[str]:
        """Everything that lies under a prefix, as the server itself tells it."""
        found = self.client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [entry["Key"].removeprefix(prefix) for entry in found]


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Serve on a free port of this machine until the body ends."""
    served = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    served.start()
    host, port = served.get_host_and_port()
    try:
        server = S3Server(f"http://{host}:{port}")
        server.client.create_bucket(Bucket=BUCKET)
        yield server
    finally:
        served.stop()
