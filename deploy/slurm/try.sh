#!/usr/bin/env bash
# Runs sweep.sbatch on a Slurm cluster of this one machine, and compares the merged parts with a single run, byte for
# byte. Needs root and Debian's slurm-wlm; everything else is in a folder of its own, and all that is started is stopped.
#
#     deploy/slurm/try.sh PRECOPY SCENARIO [WORDS...]
set -euo pipefail
precopy=$(realpath "$1")
scenario=$(realpath "$2")
shift 2
array=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/sweep.sbatch
tasks=8

folder=$(mktemp -d "${TMPDIR:-/tmp}/precopy-slurm.XXXXXX")
chmod 755 "$folder"
started=()
stop() {
    # The last one started is stopped first: slurmd before slurmctld before munged.
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do
        kill "${started[index]}" 2>/dev/null || true
        wait "${started[index]}" 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap stop EXIT

# start NAME COMMAND...: runs a daemon in the foreground of a background job, so that its id is known.
start() {
    local name=$1
    shift
    "$@" >"$folder/$name.log" 2>&1 &
    started+=($!)
}

# until_ready WHAT COMMAND...: waits until a command succeeds.
until_ready() {
    local what=$1 deadline=$((SECONDS + 60))
    shift
    until "$@" >/dev/null 2>&1; do
        if ((SECONDS > deadline)); then
            echo "no $what after 60 s:" >&2
            tail -n 20 "$folder"/*.log >&2
            exit 3
        fi
        sleep 0.2
    done
}

mkdir -p "$folder"/{munge,state,spool,results}
dd if=/dev/urandom of="$folder/munge/key" bs=1024 count=1 status=none
chmod 700 "$folder/munge"
chmod 400 "$folder/munge/key"
chown -R "$(id -u)" "$folder/munge"
socket=$folder/munge.socket

# Ports that nobody uses, so that a cluster of this machine's own is left alone.
free_port() {
    local port
    for port in $(shuf -i 20000-32000 -n 50); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    return 1
}
controller=$(free_port)
node=$(free_port)
host=$(hostname -s)
cat >"$folder/slurm.conf" <<CONF
ClusterName=precopy
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$controller
SlurmdPort=$node
AuthType=auth/munge
AuthInfo=socket=$socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MailProg=/bin/true
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf

start munged munged --foreground --force --key-file="$folder/munge/key" --socket="$socket" \
    --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
until_ready munge munge --socket "$socket" --no-input
start slurmctld slurmctld -D -f "$SLURM_CONF"
until_ready controller scontrol ping
start slurmd slurmd -D -f "$SLURM_CONF" -N "$host"
idle() { [[ $(sinfo --noheader --format=%T) == idle ]]; }
until_ready node idle

export PRECOPY=$precopy
sbatch --wait --array="1-$tasks" --chdir="$folder" --output="$folder/task-%a.log" "$array" \
    "$scenario" "$folder/results" "$@" || {
    tail -n 20 "$folder"/*.log >&2
    exit 1
}
"$precopy" sweep --merge "$folder"/results/part-*.csv -o "$folder/merged.csv"
"$precopy" sweep "$scenario" "$@" -o "$folder/single.csv"
cmp "$folder/merged.csv" "$folder/single.csv"
echo "$tasks tasks of Slurm $(sinfo --version | cut -d' ' -f2) gave the bytes of one machine:" \
    "$(($(wc -l <"$folder/merged.csv") - 1)) rows"
