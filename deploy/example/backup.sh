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
keep=${BACKUP_KEEP:-14}
hour=${BACKUP_HOUR:-3}
spare=$((1 << 30)) # bytes a backup leaves to the ledger, which may lie on the same disk

say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*"; }

# Before anything is done: a number that is none would delete every backup, or none.
settings() {
    [[ $keep =~ ^[1-9][0-9]{0,4}$ ]] || { say "BACKUP_KEEP is $keep: it has to be a number, 1 or more"; exit 1; }
    [[ $hour =~ ^([01]?[0-9]|2[0-3])$ ]] || { say "BACKUP_HOUR is $hour: it has to be an hour, 0 to 23"; exit 1; }
}

# Whether anything was ever written into the ledger: a dump of nothing would only push out one that holds something.
made() {
    local found
    found=$(psql -At -d "$ledger" -c "SELECT to_regclass('alembic_version') IS NOT NULL") || return 2
    [ "$found" = t ]
}

room() {
    local newest size=0 free needed
    newest=$(find "$folder" -maxdepth 1 -name 'mutual-aid-*.dump' | sort | tail -n 1)
    [ -z "$newest" ] || size=$(stat -c %s "$newest")
    needed=$((size * 3 / 2 + spare))
    free=$(($(df -Pk "$folder" | awk 'NR == 2 { print $4 }') * 1024))
    [ "$free" -ge "$needed" ] && return
    say "there is too little room in ./backups: $((free >> 20)) MiB are free, $((needed >> 20)) MiB are needed"
    exit 1
}

# No migration begins until this process ends, and one under way is waited for, an hour at most: a dump reads every table
# until it is made, and a migration would keep everybody out who comes after it. They share a lock of the ledger.
quiet() {
    local held
    coproc ledger_lock { PGOPTIONS="-c lock_timeout=1h" exec psql -AtqX -d "$ledger" 2>&1 9>&-; }
    echo "SELECT 'held' FROM (SELECT pg_advisory_lock_shared(7201001)) AS lock;" >&"${ledger_lock[1]}"
    read -r held <&"${ledger_lock[0]}" && [ "$held" = held ] && return
    say "a migration did not end, or the ledger does not answer"
    exit 1
}

now() {
    local name
    settings
    made || case $? in
        1) say "the ledger is empty: that would be no backup"; exit 1 ;;
        *) say "the ledger does not answer"; exit 1 ;;
    esac
    exec 9>"$folder/.lock" && flock 9 # two at once would take each other's for left behind
    rm -f "$folder"/.*.part # left by one that was cut off
    room
    name=mutual-aid-$(date -u +%Y%m%dT%H%M%SZ).dump
    part=$folder/.$name.part
    trap 'rm -f "$part"' EXIT # what came to nothing takes no room
    quiet
    pg_dump --format=custom --file="$part" "$ledger"
    pg_restore --list "$part" >/dev/null # what cannot be read is no backup
    sync "$part"
    mv "$part" "$folder/$name"
    sync "$folder"
    say "backup $name, $(stat -c %s "$folder/$name") bytes"
    # The names sort by time; all but the newest go.
    find "$folder" -maxdepth 1 -name 'mutual-aid-*.dump' | sort -r | tail -n "+$((keep + 1))" | xargs -r rm --
}

recent() { [ -n "$(find "$folder" -maxdepth 1 -name 'mutual-aid-*.dump' -mmin "-$1" -print -quit)" ]; }

seconds_left() {
    local then
    then=$(date -u -d "today $hour:00" +%s)
    [ "$then" -gt "$(date +%s)" ] || then=$((then + 86400))
    echo $((then - $(date +%s)))
}

daily() {
    trap 'exit 0' TERM INT
    settings
    until made; do # at the first start the schema is made after this begins
        sleep 2 &
        wait $!
    done
    recent 1440 || bash "$0" now || say "the first backup failed; the next is made at its hour"
    while :; do
        sleep "$(seconds_left)" &
        wait $!
        # One that fails is told in the log and by the container's health, and tried again.
        until bash "$0" now; do
            say "the backup failed; again in an hour"
            sleep 3600 &
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
    *) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
