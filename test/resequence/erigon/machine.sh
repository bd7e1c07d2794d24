#!/bin/sh
# The steps of the model's machine: what systemd, journald and coreutils are on a real one.
# machine.sh FOLDER STEP [PARAMETER...]
set -u
cd "$1" || exit 1
step=$2
here=$(dirname "$0")
export NODE_NO_WARNINGS=1 NODE_COMPILE_CACHE=${TMPDIR:-/tmp}/baton-compile-cache
alive() { pid=$(cat pid 2>/dev/null) && kill -0 "$pid" 2>/dev/null; }
launch() {
  setsid "$NODE" "$here/erigon.ts" --datadir data "$@" >>log 2>&1 &
  echo $! >pid
}
NODE=$3
shift 3
case $step in
  processes) echo ps; alive && echo cdk-erigon ;;
  stop)
    alive || exit 5
    kill -INT "$pid"
    for _ in 1 2 3; do alive || exit 0; sleep 0.02; done
    kill -KILL "$pid"
    ;;
  start) launch ;;
  start-halting) launch "--zkevm.sequencer-halt-on-batch-number=$1" ;;
  start-resequencing)
    launch --zkevm.sequencer-resequence=true "--zkevm.sequencer-resequence-strict=$1" \
      "--zkevm.sequencer-resequence-reuse-l1-info-index=$2"
    ;;
  start-recovery) launch "--zkevm.l1-sync-start-block=$1" "--zkevm.recovery-stop-batch=$2" ;;
  start-recovery-without)
    launch "--zkevm.l1-sync-start-block=$1" "--zkevm.recovery-stop-batch=$2" "--zkevm.bad-batches=$3"
    ;;
  unwind) "$NODE" "$here/integration.ts" --datadir data "--unwind-batch-no=$1" >>log 2>&1 ;;
  backup) mkdir "backup-$1" && cp -a -t "backup-$1" data/chaindata data/data-stream.bin data/data-stream.db ;;
  compare-backup)
    for part in chaindata data-stream.bin data-stream.db; do diff -rq "data/$part" "backup-$1/$part" || exit 1; done
    du -sb "backup-$1/chaindata" "backup-$1/data-stream.bin" "backup-$1/data-stream.db"
    ;;
  restore)
    mkdir "backup-$1/replaced-$2" && mv -t "backup-$1/replaced-$2" data/chaindata data/data-stream.bin data/data-stream.db &&
      cp -a -t data "backup-$1/chaindata" "backup-$1/data-stream.bin" "backup-$1/data-stream.db"
    ;;
  log-position) echo "-- cursor: s=$(printf %x "$(wc -l <log)");i=1" ;;
  read-log)
    after=$(printf %d "0x$(expr "$1" : 's=\([0-9a-f]*\);')")
    # Counted first: what is written meanwhile belongs to the next page.
    lines=$(wc -l <log)
    next=$((after + 40))
    [ "$next" -gt "$lines" ] && next=$lines
    head -n "$next" log | tail -n "+$((after + 1))"
    echo "-- cursor: s=$(printf %x "$next");i=1"
    ;;
  stop-l1-clients) echo inactive >l1-clients ;;
  start-l1-clients) echo active >l1-clients ;;
  l1-clients) cat l1-clients; cat l1-clients ;;
esac
