"""`python -m emulator`: starts the embedded AWS and prints the environment that leads clients to it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", choices=["127.0.0.1", "localhost", "::1"], help="loopback only")
    parser.add_argument("--port", type=int, default=5000, help="0: a free port")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that each call takes at least")
    parser.add_argument("--visibility-delay", type=float, default=0.0, help="seconds until other services see a write")
    parser.add_argument("--organization", default="demo", choices=["demo", "offboard", "empty"])
    parser.add_argument("--quiet", action="store_true", help="print the environment only, no hints and no warnings")
    parser.add_argument("--tls", action="store_true", help="serve HTTPS with a certificate made for this run")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    # The user's own configuration must neither reach moto nor botocore's loader in this process.
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_"))]:
        del os.environ[name]
    os.environ.update(AWS_ACCESS_KEY_ID="unused", AWS_SECRET_ACCESS_KEY="unused", AWS_EC2_METADATA_DISABLED="true")
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    os.environ.update(MOTO_DISABLE_GLOBAL_CORS="true", MOTO_ALLOW_NONEXISTENT_REGION="false")
    os.environ.update(MOTO_EC2_LOAD_DEFAULT_AMIS="false")  # thousands of public images and snapshots a region

    from emulator import organization, serve  # after the environment: moto reads it when imported
    from emulator.server import Application
    from emulator.world import Settings, World

    world = World(Settings(options.latency, options.visibility_delay, options.organization))
    organization.seed(world)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = serve.make(Application(world), options.host, options.port, tls=options.tls, quiet=options.quiet)
    for name, value in organization.environment(server.url, server.authority).items():
        print(f"export {name}={value}")
    if not options.quiet:
        print(f"# the ledger: curl {server.url}/_emulator/ledger", flush=True)
    print("ready", flush=True)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
