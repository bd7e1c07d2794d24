#!/bin/sh
# The steps of the model's machine: what systemd, journald and coreutils are on a real one.
# machine.sh FOLDER STEP [PARAMETER...]
set -u
cd "$1" || exit 1
step=$2
export NODE_NO_WARNINGS=1 NODE_COMPILE_CACHE=${TMPDIR:-/tmp}/baton-compile-cache
PATH=$PWD/bin:$PATH
shift 2
alive() { pid=$(cat pid 2>/dev/null) && kill -0 "$pid" 2>/dev/null; }
case $step in
  stop-l1-clients) echo inactive >l1-clients ;;
  start-l1-clients) echo active >l1-clients ;;
  l1-clients) cat l1-load 2>/dev/null; cat l1-clients; cat l1-clients ;;
  processes) echo ps; alive && echo cdk-erigon ;;
  stop)
    alive || exit 5
    kill -INT "$pid"
    for _ in 1 2 3; do alive || exit 0; sleep 0.02; done
    kill -KILL "$pid"
    ;;
  # A program of cdk-erigon with the flags of the stack.
  start*)
    setsid "$@" >>log 2>&1 &
    echo $! >pid
    ;;
  unwind*) "$@" >>log 2>&1 ;;
  database-end) "$@" ;;
  backup) mkdir "backup-$1" && cp -a -t "backup-$1" data/chaindata data/data-stream.bin data/data-stream.db ;;
  compare-backup)
    for part in chaindata data-stream.bin data-stream.db; do diff -rq "data/$part" "backup-$1/$part" || exit 1; done
    du -sb "backup-$1/chaindata" "backup-$1/data-stream.bin" "backup-$1/data-stream.db"
    ;;
  restore)
    mkdir "backup-$1/replaced-$2" && find data -mindepth 1 -maxdepth 1 '(' -name chaindata -o -name data-stream.bin -o -name data-stream.db ')' \
      -exec mv -t "backup-$1/replaced-$2" '{}' + &&
      cp -a -t data "backup-$1/chaindata" "backup-$1/data-stream.bin" "backup-$1/data-stream.db"
    ;;
  log-position) echo "-- cursor: s=$(printf %x "$(wc -l <log)");i=1" ;;
  # The journal's: the next lines that match, and where the last of them stands.
  read-log)
    after=$(printf %d "0x$(expr "$1" : 's=\([0-9a-f]*\);')")
    found=$(head -n "$(wc -l <log)" log | tail -n "+$((after + 1))" | grep -niP -- "$2" | head -n 40)
    [ -n "$found" ] || { echo '-- No entries --'; exit 1; }
    echo "$found" | sed 's/^[0-9]*://'
    last=$(echo "$found" | tail -n 1 | cut -d: -f1)
    echo "-- cursor: s=$(printf %x "$((after + last))");i=1"
    ;;
esac
