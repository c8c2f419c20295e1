#!/usr/bin/env bash
# Initial RAM disks whose guests run a real program, from Debian packages: tests/rig/rig.sh up program=NAME starts one.
#
#   tests/rig/programs.sh NAME OUT     writes OUT: redis (writes 1 KiB values to 20,000 keys), postgres (pgbench on a small bank)
#   tests/rig/programs.sh missing NAME what it needs and does not find, a line each
#
# Programs are taken from where they are installed. What redis needs is otherwise downloaded with apt-get and not installed;
# PostgreSQL must be installed (postgresql), as its tables are made by itself.
# The guest says once a second, on its second serial port: its time [ms], what its program has done by then, and 0.
set -euo pipefail

redis_packages=(redis-server redis-tools busybox-static libjemalloc2 liblzf1)
pg=$(find /usr/lib/postgresql -path '*/bin/pgbench' -print 2>/dev/null | sort -V | tail -n 1)
pg=${pg%/bin/pgbench}

say() { printf 'rig: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

missing() {
    local tool
    for tool in cpio ldd gzip; do command -v "$tool" >/dev/null || echo "$tool"; done
    if ! command -v busybox >/dev/null || [[ $1 == redis ]] && ! command -v redis-server >/dev/null; then
        apt-cache show "${redis_packages[@]}" >/dev/null 2>&1 || echo "${redis_packages[*]}, as apt knows them"
    fi
    case $1 in
        redis) ;;
        postgres)
            [[ -n $pg ]] || echo "pgbench of postgresql"
            command -v setpriv >/dev/null || echo setpriv
            id postgres >/dev/null 2>&1 || echo "user postgres"
            ;;
        *) echo "program named $1; there are redis and postgres" ;;
    esac
}

# unpacked FOLDER: where programs are looked for beside the system's own places.
unpacked() {
    command -v busybox >/dev/null && command -v redis-server >/dev/null && return
    mkdir -p "$1"
    (cd "$1" && apt-get download -qq "${redis_packages[@]}" >/dev/null 2>&1) ||
        die "${redis_packages[*]} cannot be downloaded; run apt-get update"
    local package
    for package in "$1"/*.deb; do dpkg-deb -x "$package" "$1"; done
}

# put ROOT FILE...: programs at the same place, with the libraries that they need.
put() {
    local root=$1 file library
    shift
    for file in "$@"; do
        mkdir -p "$root/usr/bin"
        cp -L "$file" "$root/usr/bin/"
        libraries "$root" "$file"
    done
}

libraries() {
    local root=$1 library
    shift
    mkdir -p "$root/lib/x86_64-linux-gnu" "$root/lib64"
    for library in $(LD_LIBRARY_PATH=$scratch/pk/usr/lib/x86_64-linux-gnu ldd "$@" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u); do
        cp -Ln "$library" "$root/lib/x86_64-linux-gnu/"
    done
    cp -Ln /lib64/ld-linux-x86-64.so.2 "$root/lib64/"
}

redis() {
    put "$root" "$(command -v redis-server)" "$(command -v redis-cli)" "$(command -v redis-benchmark)"
    cat >"$root/program" <<'GUEST'
redis-server --save "" --appendonly no --unixsocket /tmp/r.sock --port 0 --loglevel warning >/dev/null &
until redis-cli -s /tmp/r.sock ping >/dev/null 2>&1; do sleep 0.2; done
redis-cli -s /tmp/r.sock eval "for i=0,19999 do redis.call('set', string.format('key:%012d', i), string.rep('p', 1024)) end" 0 >/dev/null
pad=$(head -c 500 /dev/zero | tr '\0' p)
redis-benchmark -s /tmp/r.sock -c 4 -r 20000 -n 100000000 -q set key:__rand_int__ ${pad}__rand_int__$pad >/dev/null &
done_by_now() { redis-cli -s /tmp/r.sock info stats | sed -n 's/^total_commands_processed:\([0-9]*\).*/\1/p'; }
GUEST
}

postgres() {
    local data=$scratch/pg
    mkdir -p "$root$pg/bin" "$root/usr/share"
    cp "$pg"/bin/{postgres,psql,pgbench} "$root$pg/bin/"
    cp -r "$pg/lib" "$root$pg/"
    rm -rf "$root$pg"/lib/{bitcode,llvmjit*}
    libraries "$root" "$pg"/bin/{postgres,psql,pgbench} "$root$pg"/lib/*.so
    mkdir -p "$root/usr/share/postgresql"
    cp -rL "/usr/share/postgresql/${pg##*/}" "$root/usr/share/postgresql/"
    mkdir "$data"
    chmod 755 "$scratch"
    chown postgres "$data"
    as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups env -i PATH="$pg/bin:/usr/bin:/bin" LC_ALL=C PGHOST="$data" HOME="$data" "$@" >/dev/null; }
    as_postgres initdb -D "$data/data" -A trust -U postgres --wal-segsize=4
    as_postgres pg_ctl -D "$data/data" -o "-k $data -c listen_addresses= -c fsync=off" -w -l "$data/log" start
    as_postgres createdb -U postgres bench
    as_postgres pgbench -q -U postgres -i -s 3 bench 2>/dev/null
    as_postgres pg_ctl -D "$data/data" -w stop -m fast
    sed -i '/^timezone\|^log_timezone/d' "$data/data/postgresql.conf"
    cp -a "$data/data" "$root/pgdata"
    printf 'PG=%s\n' "$pg" >"$root/program"
    cat >>"$root/program" <<'GUEST'
export PATH=$PG/bin:$PATH PGHOST=/tmp PGUSER=postgres
chown -R 101:101 /pgdata
chmod 700 /pgdata
su postgres -s /bin/sh -c "exec $PG/bin/postgres -D /pgdata -k /tmp -c listen_addresses= -c shared_buffers=64MB -c max_wal_size=32MB \
    -c min_wal_size=32MB -c jit=off" >/tmp/log 2>&1 &
until psql -d bench -c 'select 1' >/dev/null 2>&1; do sleep 0.3; done
pgbench -c 2 -j 1 -T 100000 bench >/dev/null 2>&1 &
done_by_now() { psql -d bench -Atc "select xact_commit from pg_stat_database where datname = 'bench'"; }
GUEST
}

if [[ ${1:-} == missing ]]; then
    missing "${2:?the name of a program}"
    exit
fi
program=${1:?the name of a program} out=${2:?where to}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unpacked "$scratch/pk"
export PATH=$PATH:$scratch/pk/bin:$scratch/pk/usr/bin
root=$scratch/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,etc,run,var}
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do [[ -e $root/bin/$applet ]] || ln -s busybox "$root/bin/$applet"; done
printf 'root:x:0:0:root:/:/bin/sh\npostgres:x:101:101::/tmp:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\npostgres:x:101:\n' >"$root/etc/group"
cat >"$root/init" <<'GUEST'
#!/bin/sh
export PATH=/usr/bin:/bin HOME=/ LANG=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o size=60%,mode=1777 tmp /tmp
stty -F /dev/ttyS1 raw 115200 2>/dev/null
. /program
while :; do
    echo "$(sed 's/\([0-9]*\)\.\([0-9][0-9]\).*/\1\20/' /proc/uptime) $(done_by_now) 0" >/dev/ttyS1
    sleep 1
done
GUEST
chmod 755 "$root/init"
case $program in
    redis | postgres) "$program" ;;
    *) die "there is no program named $program; there are redis and postgres" ;;
esac
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc --quiet | gzip -1) >"$out.part"
mv "$out.part" "$out"
