#!/bin/sh
# Starts mongod as a member of the replica set. Members know one another by a key file, which mongod takes only when nobody else may
# read it; it comes in the environment and is laid where only mongod's user can see it.
set -eu
umask 077
printf '%s' "${STORE_KEY:?is not set; deploy/docker/secrets.sh makes it}" > /data/configdb/key
chown mongodb:mongodb /data/configdb/key
unset STORE_KEY
exec docker-entrypoint.sh mongod --replSet icat --keyFile /data/configdb/key --bind_ip_all --wiredTigerCacheSizeGB 0.5
