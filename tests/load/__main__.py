"""Load for a while, and what went wrong as JSON; the exit code says whether anything did."""

import argparse
import json
import os
import sys
import time

from tests.load.load import Load, Store


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tests.load", description="MINIO_ENDPOINT, MINIO_ACCESS_KEY, MINIO_SECRET_KEY"
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--bucket", default="models")
    parser.add_argument("--seed", type=int)
    options = parser.parse_args()
    keys = (os.environ[name] for name in ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"))
    load = Load(Store(*keys, bucket=options.bucket), workers=options.workers, seed=options.seed)
    with load:
        time.sleep(options.seconds)
    report = load.report()
    load.clean()
    json.dump({"seed": load.seed, **report.as_dict()}, sys.stdout, indent=2)
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
