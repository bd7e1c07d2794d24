#!/bin/sh
# Makes what the image contains, in the folder $1: `app` and the empty `data`, out of a copy of the repository in the current folder.
set -eu
out=$1

npm ci --ignore-scripts --no-audit --no-fund
node build/package.ts --no-types
tarball=$(npm pack --ignore-scripts --silent)

mkdir -p "$out/app" "$out/data"
mv "$tarball" "$out/app/rollup-baton.tgz"
cd "$out/app"
echo '{ "private": true }' >package.json
npm install --ignore-scripts --no-audit --no-fund ./rollup-baton.tgz
rm rollup-baton.tgz
