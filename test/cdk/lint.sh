#!/bin/sh
# Checks the templates of several configurations with AWS's own cfn-lint, in a virtual environment under .cache.
set -eu
cd "$(dirname "$0")/../.."
venv=.cache/cfn-lint
[ -x "$venv/bin/cfn-lint" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet cfn-lint==1.58.0; }
node test/cdk/write-templates.ts .cache/templates
# W3005: CDK writes a DependsOn that a reference already implies.
exec "$venv/bin/cfn-lint" --non-zero-exit-code informational --include-checks W E --ignore-checks W3005 \
  --regions eu-west-1 us-east-1 -- .cache/templates/*.template.json
