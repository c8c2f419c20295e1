#!/usr/bin/env bash
# Two libvirt daemons and a guest that dirties its memory, on one machine: a migration without a second host.
#
#   tests/rig/rig.sh up [KEY=VALUE ...]   start both daemons, and the guest on the first
#   tests/rig/rig.sh more KEY=VALUE ...    start another guest on the first daemon; name=NAME is one of the keys
#   tests/rig/rig.sh uri a|b              how a libvirt client reaches the first and the second daemon
#   tests/rig/rig.sh guest [NAME]         what the guest last said: its time [ms], page writes, pages it found changed
#   tests/rig/rig.sh net COMMAND ...      run a command where the daemons' loopback is
#   tests/rig/rig.sh rate                 how many page writes a second it does, over five seconds from now
#   tests/rig/rig.sh freeze|thaw          stop the network between the daemons, and let it run again
#   tests/rig/rig.sh kill a|b             end one daemon
#   tests/rig/rig.sh restart a|b          start it again
#   tests/rig/rig.sh down                 end everything and remove it
#   tests/rig/rig.sh missing              what it needs and does not find, a line each
#
# The guest: name=rig memory=384 mib=192 rate=6000 model=random|sequential|hot-cold hot=10 share=90 rest=1 (MiB, MiB, page writes
# a second, per cent; rest: asleep between writes), or program=redis|postgres, which tests/rig/programs.sh prepares. It runs under TCG, so that no hardware support is needed; expect the speed of an old laptop.
#
# Needs root and the Debian packages qemu-system-x86 libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients
# cpio gcc libc6-dev iproute2. The guest's kernel is downloaded with apt-get once, not installed.
# Everything lives below RIG_DIR (a folder in TMPDIR), in namespaces of its own, and is gone after `down`. With RIG_CACHE
# kernel and initrd are kept in that folder for the next time.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=${TMPDIR:-/tmp}
dir=${RIG_DIR:-$tmp/precopy-rig}
cache=${RIG_CACHE:-$dir/guest}
kernel_package=${RIG_KERNEL_PACKAGE:-linux-image-cloud-amd64}

say() { printf 'rig: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
uri() { printf 'qemu+unix:///system?socket=%s/%s/run/libvirt/libvirt-sock\n' "$dir" "$1"; }
virsh_at() { local side=$1; shift; timeout 60 virsh -q -c "$(uri "$side")" "$@"; }

# When a process began, in clock ticks: with its number that names it for good. Nothing if it has ended.
began() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    stat=${stat##*) }
    read -ra stat <<<"$stat"
    [[ ${stat[0]} == Z ]] || printf '%s' "${stat[19]}"
}

# is_up FILE: whether the process that FILE names by number and beginning still runs.
is_up() {
    local pid start
    read -r pid start 2>/dev/null <"$1" || return 1
    [[ -n $start && $(began "$pid") == "$start" ]]
}

wait_for() {
    local tries=$1 what=$2
    shift 2
    for ((; tries > 0; tries--)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    die "$what"
}

build() {
    mkdir -p "$cache"
    if [[ ! -s $cache/vmlinuz ]]; then
        local scratch=$dir/scratch package
        mkdir "$scratch"
        package=$(apt-cache depends "$kernel_package" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
        [[ -n $package ]] || die "apt knows no kernel named $kernel_package; run apt-get update"
        (cd "$scratch" && apt-get download -qq "$package" >/dev/null 2>&1 && dpkg-deb -x ./*.deb .) ||
            die "the kernel $package cannot be downloaded"
        cp "$scratch"/boot/vmlinuz-* "$cache/vmlinuz.part"
        mv "$cache/vmlinuz.part" "$cache/vmlinuz"
        rm -rf "$scratch"
    fi
    if [[ ! -s $cache/initrd || $here/guest.c -nt $cache/initrd ]]; then
        local root=$dir/scratch
        mkdir "$root" "$root/dev" "$root/proc"
        gcc -O2 -Wall -Wextra -static -o "$root/init" "$here/guest.c"
        (cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$cache/initrd.part"
        mv "$cache/initrd.part" "$cache/initrd"
        rm -rf "$root"
    fi
}

# The rig's own namespaces, and the process that holds them; it says who it is before it makes anything.
outside() {
    printf '%s %s\n' "$$" "$(began "$$")" >"$dir/pid"
    exec unshare --mount --net --pid --ipc --uts --propagation private --fork --kill-child=KILL --mount-proc \
        -- bash "$here/rig.sh" --inside
}

# Runs as the first process of the rig's own namespaces: what is in there ends with it.
inside() {
    ip link set lo up
    mount -t sysfs sysfs /sys 2>/dev/null || true
    local side
    for side in a b; do
        bash "$here/rig.sh" --daemon "$side" &
    done
    trap 'exit 0' TERM
    while :; do wait -n 2>/dev/null || sleep 1; done
}

# daemon SIDE: a libvirtd that sees its own folders where the system's would be.
daemon() {
    # shellcheck disable=SC2016 # the inner shell expands it
    exec unshare --mount --uts --propagation private -- bash -c '
        side=$1 d=$2/$1
        echo "$side.rig.invalid" >/proc/sys/kernel/hostname
        for place in run:/run etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt cache:/var/cache/libvirt; do
            mount --bind "$d/${place%%:*}" "${place##*:}"
        done
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C HOME=/root \
            libvirtd -f /etc/libvirt/libvirtd.conf -p /run/libvirtd.pid >>"$d/out" 2>&1 </dev/null
    ' - "$1" "$dir"
}

# enter COMMAND...: in the namespaces of the running rig.
enter() { nsenter -t "$(inner)" --mount --net --pid --ipc --uts -- "$@"; }

# net COMMAND...: in its network alone.
net() { exec nsenter -t "$(inner)" --net -- "$@"; }

# The first process inside.
inner() {
    local outer inner
    read -r outer _ <"$dir/pid"
    inner=$(cat "/proc/$outer/task/$outer/children")
    printf '%s' "${inner%% *}"
}

configure() {
    local side=$1 number=$2 d=$dir/$1
    mkdir -p "$d"/{run,etc/qemu,lib,log,cache}
    # Two daemons of one machine are told apart by this alone.
    cat >"$d/etc/libvirtd.conf" <<CONF
host_uuid = "5d6c1e0a-6f0b-4f57-9c3e-00000000000$number"
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
log_outputs = "3:stderr"
CONF
    # Both listen on the same loopback, so each has ports of its own.
    cat >"$d/etc/qemu.conf" <<CONF
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = [ ]
cgroup_controllers = [ ]
stdio_handler = "file"
migration_port_min = $((49152 + 64 * number))
migration_port_max = $((49215 + 64 * number))
CONF
}

missing() {
    local tool
    [[ $(id -u) == 0 ]] || echo "root, for namespaces and mounts"
    for tool in unshare nsenter ip virsh libvirtd qemu-system-x86_64 gcc cpio; do
        command -v "$tool" >/dev/null || echo "$tool"
    done
    [[ -s $cache/vmlinuz ]] || apt-cache show "$kernel_package" >/dev/null 2>&1 || echo "$kernel_package, as apt knows it"
}

answers() { virsh_at "$1" list; }

up() {
    local side lacks
    lacks=$(missing)
    [[ -z $lacks ]] || die "needs ${lacks//$'\n'/, }; the packages are named at the head of this file"
    [[ ${#dir} -le 70 ]] || die "RIG_DIR is too long for the name of a socket"
    is_up "$dir/pid" && die "a rig is up already; take it down first"
    rm -rf "$dir"
    # From here on `down` removes whatever is left of a call that was cut short.
    mkdir -p "$dir" /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt
    chmod 700 "$dir"
    configure a 1
    configure b 2
    build
    bash "$here/rig.sh" --outside >"$dir/out" 2>&1 </dev/null &
    disown
    wait_for 50 "the rig does not start: $(tail -n 2 "$dir/out" 2>/dev/null)" is_up "$dir/pid"
    for side in a b; do
        wait_for 300 "the daemon $side does not answer: $(tail -n 2 "$dir/$side/out" 2>/dev/null)" answers "$side"
    done
    start "$@"
}

start() {
    local name=rig memory=384 mib=192 program= image=$cache/initrd word arguments=
    for word in "$@"; do
        case $word in
            name=*) name=${word#*=} ;;
            program=*) program=${word#*=} ;;
            memory=*) memory=${word#*=} ;;
            mib=*) mib=${word#*=} ;;
            rate=* | model=* | hot=* | share=* | rest=*) arguments+=" rig.$word" ;;
            *) die "unknown: $word; the keys are named at the head of this file" ;;
        esac
    done
    [[ $name =~ ^[a-z][a-z0-9-]*$ ]] || die "a name has small letters, digits and hyphens"
    ((memory >= mib + 96)) || die "memory must be at least mib + 96"
    if [[ -n $program ]]; then
        image=$cache/$program
        if [[ ! -s $image || $here/programs.sh -nt $image ]]; then bash "$here/programs.sh" "$program" "$image"; fi
    fi
    : >"$dir/$name.progress"
    # pti=on: QEMU 7.2 under TCG forgets to write-protect pages again that its TLB holds; a kernel entry flushes it.
    cat >"$dir/$name.xml" <<XML
<domain type='qemu'>
  <name>$name</name>
  <memory unit='MiB'>$memory</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>$cache/vmlinuz</kernel>
    <initrd>$image</initrd>
    <cmdline>console=ttyS0 quiet nokaslr mitigations=off pti=on panic=-1 rig.mib=$mib$arguments</cmdline>
  </os>
  <features><acpi/></features>
  <on_reboot>destroy</on_reboot>
  <devices>
    <emulator>$(command -v qemu-system-x86_64)</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='file'><source path='$dir/$name.console' append='on'/><target port='0'/></serial>
    <serial type='file'><source path='$dir/$name.progress' append='on'/><target port='1'/></serial>
  </devices>
</domain>
XML
    virsh_at a create "$dir/$name.xml" >&2
    wait_for 900 "the guest does not report: $(tail -c 200 "$dir/$name.console" 2>/dev/null)" guest "$name"
    say "guest $name runs on a; migrate it to $(uri b)"
}

# The last line may be under way still, a byte at a time: with a newline after whatever is there it is left out, or an empty one is.
guest() { { cat "$dir/${1:-rig}.progress"; echo; } | sed '$d' | tr -d '\r' | grep -a '^[0-9]' | tail -n 1; }

rate() {
    local began writes now later
    read -r began writes _ <<<"$(guest)"
    sleep 5
    read -r now later _ <<<"$(guest)"
    echo $((1000 * (later - writes) / (now - began)))
}

down() {
    local pid
    if is_up "$dir/pid"; then
        read -r pid _ <"$dir/pid"
        kill -KILL "$pid"
        for ((i = 0; i < 200; i++)); do is_up "$dir/pid" && sleep 0.05; done
    fi
    # What has just ended may still have written.
    for ((i = 0; i < 50; i++)); do
        if rm -rf --one-file-system "$dir" 2>/dev/null; then break; fi
        sleep 0.1
    done
    [[ ! -e $dir ]] || die "$dir cannot be removed"
}

pid_of() { enter cat "$dir/$1/run/libvirtd.pid"; }

command=${1:-}
[[ $# -gt 0 ]] && shift
case $command in
    up) up "$@" ;;
    uri) uri "${1:?a or b}" ;;
    more) start "$@" ;;
    guest) guest "$@" ;;
    net) net "$@" ;;
    rate) rate ;;
    freeze) enter ip link set lo down ;;
    thaw) enter ip link set lo up ;;
    kill) enter kill -KILL "$(pid_of "${1:?a or b}")" ;;
    restart)
        (enter bash "$here/rig.sh" --daemon "${1:?a or b}" </dev/null >/dev/null 2>&1 & disown)
        wait_for 300 "the daemon $1 does not answer" answers "$1"
        ;;
    down) down ;;
    missing) missing ;;
    --outside) outside ;;
    --inside) inside ;;
    --daemon) daemon "${1:?a or b}" ;;
    *)
        sed -n '2,/^set -e/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
        exit 2
        ;;
esac
