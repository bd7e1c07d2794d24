#!/bin/sh
# Runs the S3 tests against MiniStack, an emulator of AWS, in a virtual environment under .cache.
set -eu
cd "$(dirname "$0")/../.."
venv=.cache/ministack
[ -x "$venv/bin/ministack" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet ministack==1.5.33; }

port=${MINISTACK_PORT:-4571}
GATEWAY_PORT=$port "$venv/bin/ministack" >.cache/ministack.log 2>&1 &
ministack=$!
trap 'kill $ministack 2>/dev/null' EXIT
tries=0
until curl --silent --output /dev/null "http://127.0.0.1:$port"; do
  tries=$((tries + 1))
  [ $tries -lt 100 ] || { echo "MiniStack did not start; see .cache/ministack.log" >&2; exit 1; }
  sleep 0.1
done

export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test BATON_TEST_S3_ENDPOINT="http://127.0.0.1:$port"
npx vitest run test/store/s3.ministack.test.ts "$@"
