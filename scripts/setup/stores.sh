# shellcheck shell=bash
# The servers that tests start for themselves.

setup_stores() {
  command -v redis-server >/dev/null || apt_install "the tests claim events in Redis" redis-server \
    || die "redis-server not found" "install Redis, then try again"
  setup_postgres
}

setup_postgres() {
  find_initdb >/dev/null || apt_install "the tests keep events in PostgreSQL" postgresql \
    || die "PostgreSQL not found" "install its server, then try again"
}

# Debian keeps it out of the path, in a folder for each version.
find_initdb() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; }
