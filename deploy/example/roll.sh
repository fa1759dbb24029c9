#!/bin/sh
# The images of VERSION (see .env) into service, one container after another; each is healthy before the next goes.
#   ./roll.sh             an upgrade, and a rollback (with SCHEMA_VERSION set: see README.md)
set -eu
cd "$(dirname "$0")"
docker compose run --rm secrets
docker compose kill -s HUP nats # a release may let services say more; this asks nobody to come back
docker compose run --rm migrate
for service in api-1 api-2 bot-1 bot-2; do
    docker compose up -d --no-deps --wait "$service"
done
docker compose up -d --no-deps --wait nginx backup prometheus
