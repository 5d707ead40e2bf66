#!/usr/bin/env bash
# A Redmine instance of its own, beside the package's "default" one, on an empty database or a copy of a filled one. Run as root after install.sh.
#   REDMINE_INSTANCE  name of the instance (not "default")
#   REDMINE_DB        sqlite (default) | postgresql
#   REDMINE_FILE      sqlite: the database file
#   PGHOST PGPORT PGDATABASE PGUSER PGPASSWORD   postgresql: where the database lives (127.0.0.1 5432 redmine redmine redmine)
# "instance.sh remove" takes the instance away again; the database is its owner's affair.
set -euo pipefail
: "${REDMINE_INSTANCE:?}"
[ "$REDMINE_INSTANCE" != default ] || { echo "the instance 'default' belongs to the package: choose another name" >&2; exit 2; }
ETC="/etc/redmine/$REDMINE_INSTANCE" VAR="/var/lib/redmine/$REDMINE_INSTANCE" LOG="/var/log/redmine/$REDMINE_INSTANCE"
if [ "${1:-}" = remove ]; then
  rm -rf "$ETC" "$VAR" "$LOG" "/var/cache/redmine/$REDMINE_INSTANCE"
  exit 0
fi
mkdir -p "$ETC" "$VAR/files" "$VAR/tmp" "$VAR/public" "$LOG"
umask 077
if [ "${REDMINE_DB:-sqlite}" = sqlite ]; then
  printf 'production:\n  adapter: sqlite3\n  database: %s\n  encoding: utf8\n' "${REDMINE_FILE:?}" > "$ETC/database.yml"
else
  cat > "$ETC/database.yml" <<Y
production:
  adapter: postgresql
  host: ${PGHOST:-127.0.0.1}
  port: ${PGPORT:-5432}
  database: ${PGDATABASE:-redmine}
  username: ${PGUSER:-redmine}
  password: "${PGPASSWORD:-redmine}"
  encoding: utf8
Y
fi
[ -e "$ETC/secret_key.txt" ] || head -c 64 /dev/urandom | od -An -tx1 | tr -d ' \n' > "$ETC/secret_key.txt"
# Debian's Redmine reads an instance's configuration through $VAR/config when that exists, else from $ETC.
mkdir -p "$VAR/config"
ln -sf "$ETC/database.yml" "$VAR/config/database.yml"
ln -sf "$ETC/secret_key.txt" "$VAR/config/secret_key.txt"
[ ! -s "${REDMINE_FILE:-}" ] || exit 0      # a copy of a filled database
cd /usr/share/redmine
export RAILS_ENV=production REDMINE_INSTANCE REDMINE_LANG=en SCHEMA=/dev/null
# The lock of the gems is for the adapters of all instances together: resolved again when another one comes along.
if ! bundle exec ruby -e 1 > "$LOG/migrate.log" 2>&1; then
  rm -f /var/lib/redmine/Gemfile.lock
  bundle install --local --quiet >> "$LOG/migrate.log" 2>&1
fi
for step in db:migrate redmine:load_default_data; do    # one process each: the models of the second step have to see the columns of the first
  bundle exec rake "$step" >> "$LOG/migrate.log" 2>&1 || { tail -20 "$LOG/migrate.log" >&2; exit 1; }
done
