#!/bin/sh
# Deploys Baton with simulated nodes into the account you are logged in to, checks it there, and destroys it. It takes
# about forty minutes and less than a dollar. Use an account to throw away.
set -u
cd "$(dirname "$0")/../.."
cdk() { node_modules/.bin/cdk "$@" --no-notices --app 'node test/account/app.ts' -o .cache/account/cdk.out; }
cdk deploy --all --require-approval never
result=$?
cdk destroy --all --force || echo 'something was not destroyed: see the stacks Baton-integ and Integ in the console' >&2
for node in ada bob cyd; do
  aws ssm delete-parameter --name "/baton/integ/chains/901/nodes/$node/secrets" >/dev/null 2>&1
done
[ $result -eq 0 ] && echo 'all assertions passed'
exit $result
