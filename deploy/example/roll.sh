#!/bin/sh
# The images of VERSION (see .env) into service, one container after another; each is healthy before the next goes.
#   ./roll.sh             an upgrade, and a rollback (with SCHEMA_VERSION set: see README.md)
set -eu
cd "$(dirname "$0")"
images=$(docker compose config --images)
images=$(printf '%s\n' "$images" | sed -n 's/^mutual-aid-//p' | sort -u)
# What is not here would be built, from the sources that are here: another release's, under this one's name.
for image in $images; do
    docker image inspect "mutual-aid-$image" >/dev/null 2>&1 && continue
    echo "There is no image mutual-aid-$image. Nothing is changed. For an upgrade: docker compose build."
    echo "For a rollback: README.md, Roll back, says how to build it from its own release."
    exit 1
done
is() { printf '%s\n' "$images" | sed -n "s/^$1://p"; }

tell_nats() { # who may say what; asks nobody to come back
    docker compose run --rm secrets
    docker compose kill -s HUP nats
}

if [ "$(is migrate)" = "$(is api)" ]; then # an upgrade: a release may say more than the one before it
    tell_nats
    docker compose run --rm migrate
fi
for service in api-1 api-2 bot-1 bot-2; do
    docker compose up -d --no-deps --no-build --wait "$service"
done
if [ "$(is migrate)" != "$(is api)" ]; then # a rollback: less only when nobody is left who says more
    tell_nats
fi
# Made anew: what they read lies in files, and a container keeps the file it began with. A backup under way is waited for.
docker compose up -d --no-deps --no-build --wait --force-recreate nginx prometheus
docker compose up -d --no-deps --no-build --wait --force-recreate --timeout 3600 backup
