#!/bin/sh
# Makes .env, the one file docker compose needs: a copy of .env.example in which every empty password and key is filled with a random
# one. An .env that is there is left alone.
#
#     deploy/docker/secrets.sh [FILE]        (default: .env beside docker-compose.yml)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file=${1:-$here/../../.env}
if [ -e "$file" ]; then
    echo "$file is there already. Remove it first, if its passwords are in use nowhere." >&2
    exit 1
fi

random() {
    od -An -v -N24 -tx1 /dev/urandom | tr -d ' \n'
}

umask 077
while IFS= read -r line; do
    case $line in
        [A-Z]*_PASSWORD= | [A-Z]*_KEY=) printf '%s%s\n' "$line" "$(random)" ;;
        *) printf '%s\n' "$line" ;;
    esac
done < "$here/.env.example" > "$file.part"
mv "$file.part" "$file"
echo "$file is made, readable by you alone. Next: docker compose up --detach" >&2
