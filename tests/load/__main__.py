"""Load for a while, or while a command runs, and what went wrong as JSON; the exit code says whether anything did.

usage: python -m tests.load [--seconds 10] [-- COMMAND ...]
"""

import argparse
import json
import os
import subprocess
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
    parser.add_argument("command", nargs="*", help="how long the load goes on; --seconds go before and after it")
    options = parser.parse_args()
    address, *keys = (os.environ[name] for name in ("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"))
    load = Load(
        Store(address.removeprefix("http://"), *keys, bucket=options.bucket), workers=options.workers, seed=options.seed
    )
    with load:
        time.sleep(options.seconds)
        code = subprocess.run(options.command, stdout=sys.stderr, check=False).returncode if options.command else 0
        time.sleep(options.seconds if options.command else 0)
    report = load.report()
    load.clean()
    json.dump({"seed": load.seed, **report.as_dict()}, sys.stdout, indent=2)
    return code or (0 if report.clean else 1)


if __name__ == "__main__":
    sys.exit(main())
