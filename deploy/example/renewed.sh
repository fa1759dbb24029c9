#!/bin/sh
# A certificate into service: the one in secrets/keys or, as a deploy hook of certbot, the one it has just fetched.
set -eu
cd "$(dirname "$0")"
if [ -n "${RENEWED_LINEAGE:-}" ]; then
    cp "$RENEWED_LINEAGE/fullchain.pem" secrets/keys/certificate.pem
    cp "$RENEWED_LINEAGE/privkey.pem" secrets/keys/key.pem
fi
[ -n "$(docker compose ps --quiet nginx)" ] || exit 0 # the first start is still to come
docker compose run --rm secrets
docker compose kill -s HUP nginx
docker compose restart bot-1 bot-2 # they tell Telegram which certificate to trust
