#!/usr/bin/env bash
# The ledger into ./backups, and back. Run in the container `backup`.
#   daily          one at once unless there is one of the last day, then one a day at BACKUP_HOUR (UTC)
#   now            one now
#   check          whether the newest is younger than 26 hours
#   restore FILE   put a backup in the ledger's place; what is there now stays beside it under another name
set -euo pipefail
umask 077
folder=/backups
export PGHOST=postgres PGUSER=postgres PGCONNECT_TIMEOUT=10
PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD
ledger=mutual_aid

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*"; }

now() {
    local name part
    name=mutual-aid-$(date -u +%Y%m%dT%H%M%SZ).dump
    part=$folder/.$name.part
    rm -f "$folder"/.*.part # left by one that was cut off
    pg_dump --format=custom --file="$part" "$ledger"
    pg_restore --list "$part" >/dev/null # what cannot be read is no backup
    sync "$part"
    mv "$part" "$folder/$name"
    sync "$folder"
    say "backup $name, $(stat --format=%s "$folder/$name") bytes"
    # The names sort by time; all but the newest go.
    find "$folder" -maxdepth 1 -name 'mutual-aid-*.dump' | sort -r | tail -n "+$((BACKUP_KEEP + 1))" | xargs -r rm --
}

recent() { [ -n "$(find "$folder" -maxdepth 1 -name 'mutual-aid-*.dump' -mmin "-$1" -print -quit)" ]; }

seconds_left() {
    local then
    then=$(date -u -d "today $BACKUP_HOUR:00" +%s)
    [ "$then" -gt "$(date +%s)" ] || then=$((then + 86400))
    echo $((then - $(date +%s)))
}

daily() {
    trap 'exit 0' TERM INT
    recent 1440 || bash "$0" now || say "the first backup failed; the next is made at its hour"
    while :; do
        sleep "$(seconds_left)" &
        wait $!
        # One that fails is told in the log and by the container's health, and tried again.
        until bash "$0" now; do
            say "the backup failed; again in five minutes"
            sleep 300 &
            wait $!
        done
    done
}

restore() {
    local file=$folder/${1##*/} aside
    [ -f "$file" ] || { say "there is no ${1##*/} in ./backups"; exit 1; }
    aside=${ledger}_before_$(date -u +%Y%m%d_%H%M%S)
    psql --quiet -d postgres -c "DROP DATABASE IF EXISTS restoring" -c "CREATE DATABASE restoring TEMPLATE template0"
    pg_restore --exit-on-error --single-transaction --no-owner -d restoring "$file"
    # Refused while anybody is connected: stop the apis first.
    psql --quiet -v ON_ERROR_STOP=1 --single-transaction -d postgres \
        -c "ALTER DATABASE $ledger RENAME TO $aside" -c "ALTER DATABASE restoring RENAME TO $ledger"
    say "restored ${1##*/}; what was there is the database $aside"
}

case ${1:-} in
    daily) daily ;;
    now) now ;;
    check) recent 1560 ;;
    restore) restore "${2:?name the file}" ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
