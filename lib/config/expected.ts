import { stacks } from '../host/stacks.ts'

const SECRET =
  'a text of at least 8 characters that no node and no other role has, or {"env": "NAME"} to take it from a variable'
const SECRET_ENV = 'the name of an environment variable that holds a secret of at least 8 characters'

/** The expected value of each field; `*` stands for an index. */
export const expected: Readonly<Record<string, string>> = {
  '': 'an object with "chain" and "nodes", and if needed "policy", "probeTimeoutMs", "gate", "page", "metrics", "store", "cloudwatch", "l1", "recovery"',
  chain: 'an object with "id", "name" and "blockTime" (seconds) or "blockTimeMs"',
  'chain.id': 'the chain id as an integer, e.g. 901',
  'chain.name': 'a name for people, e.g. "my-rollup"',
  'chain.blockTime': 'the block time in seconds from 0.05 to 60, e.g. 2 (or "blockTimeMs", not both)',
  'chain.blockTimeMs':
    'the block time in milliseconds from 50 to 60000, e.g. 2000 (or "blockTime" in seconds, not both)',
  nodes: 'a list of at least one sequencer',
  'nodes.*':
    'an object with "name", "zone", "consensus", "execution", "secrets", and if needed "priority", "noFailover", "derivesFrom", "host", "engine", "boost", "flashblocks"',
  'nodes.*.name': 'a name of letters, digits, "-" and "_", unique in the chain, e.g. "seq-a": it is part of a URL',
  'nodes.*.zone': 'where the node runs, e.g. "eu-west-1a"',
  'nodes.*.priority': 'an integer from -1000 to 1000; higher is preferred, 0 if left out',
  'nodes.*.noFailover': 'true to never choose this node automatically, else false',
  'nodes.*.derivesFrom':
    'a name for what its op-node follows (--l2.follow.source), the same for all nodes that follow it; leave it out where op-node derives L1 itself',
  'nodes.*.consensus': 'the URL of the op-node RPC with the admin API, e.g. "http://10.0.1.5:9545"',
  'nodes.*.execution': 'the URL of the execution client RPC, e.g. "http://10.0.1.5:8545"',
  'nodes.*.engine': 'an object with "url" and "jwt"; leave it out where Baton must not reach the engine API',
  'nodes.*.engine.url': 'the URL of the engine API, e.g. "http://10.0.1.5:8551"',
  'nodes.*.engine.jwt':
    'where the 32 bytes of the client’s jwt.hex are: {"env": "NAME"}, {"file": PATH} or {"ssm": "/path/of/a/SecureString"}',
  'nodes.*.engine.jwt.env': 'the name of an environment variable that holds 64 hex digits',
  'nodes.*.engine.jwt.file': 'the path of a file that holds 64 hex digits, e.g. "/etc/geth/jwt.hex"',
  'nodes.*.engine.jwt.ssm': 'the name of a SecureString that holds 64 hex digits, e.g. "/baton/prod/jwt/seq-a"',
  'nodes.*.secrets': 'a list of one secret, or two while it is being changed',
  'nodes.*.secrets.*':
    'a text of at least 8 characters that no other node has, or {"env": "NAME"} to take it from a variable',
  'nodes.*.secrets.*.env': SECRET_ENV,
  'nodes.*.host':
    '{"kind": "shell", "stack": …} where Baton runs beside the node, or {"kind": "ssm", "stack": …, "instance": …}',
  'nodes.*.host.kind': '"shell" or "ssm"',
  'nodes.*.host.stack': Object.keys(stacks)
    .map((name) => `"${name}"`)
    .join(' or '),
  'nodes.*.host.restore':
    'true if /usr/local/sbin/baton-restore, or your command for "restore-execution", puts a snapshot of the execution client in place',
  'nodes.*.host.commands':
    'an object of this machine’s own command lines by step, e.g. {"restart-execution": ["sv", "restart", "geth"]}',
  'nodes.*.host.commands.*': 'a list of the program and its words, e.g. ["sv", "restart", "geth"]',
  'nodes.*.host.instance': 'an EC2 instance or managed node, e.g. "i-0123456789abcdef0"',
  'nodes.*.host.documents': 'what the names of the SSM documents begin with, e.g. "Baton-prod"',
  'nodes.*.host.region': 'an AWS region, e.g. "eu-west-1"',
  'nodes.*.boost': 'an object with "health", and if needed "form", "timeoutMs": the rollup-boost beside this node',
  'nodes.*.boost.health': 'the URL of its health endpoint, path included, e.g. "http://10.0.1.5:8551/healthz"',
  'nodes.*.boost.form':
    '"status" where 200, 206 and 503 say how it is (rollup-boost.enabled of op-conductor), "json" where a body does (rollup-boost.next-enabled)',
  'nodes.*.boost.timeoutMs': 'milliseconds from 10 to 60000',
  'nodes.*.flashblocks': 'the URL of its flashblocks stream, e.g. "ws://10.0.1.5:1112"',
  policy:
    'an object with the fields to override: slackMs, silentLooks, stallMs, verifyMs, leaseMs, maxLag, maxSwitchoverLag, holdMs, budgetPerHour, cooldownMs, l1FrozenMs, minPeers, boostPartialLimit, boostPartialIntervalMs, flashblocksSilentMs',
  'policy.slackMs': 'milliseconds, less than the block time',
  'policy.silentLooks': 'an integer from 1 to 100',
  'policy.stallMs': 'milliseconds, at least the block time and the slack',
  'policy.verifyMs': 'milliseconds, at least the block time',
  'policy.leaseMs':
    'milliseconds, more than the block time and the slack, or the lease would run out between two blocks',
  'policy.maxLag': 'a number of blocks, e.g. 600',
  'policy.maxSwitchoverLag': 'a number of blocks, at most maxLag, e.g. 2',
  'policy.holdMs': 'milliseconds, e.g. 60000',
  'policy.budgetPerHour': 'a number of moves, e.g. 12; 0 = none',
  'policy.cooldownMs': 'milliseconds, e.g. 60000',
  'policy.l1FrozenMs': 'milliseconds, at least 24000 (two L1 slots), e.g. 120000',
  'policy.minPeers': 'a number of peers, e.g. 1; 0 = they are not counted',
  'policy.boostPartialLimit':
    'a number of 206 answers of rollup-boost to tolerate in an interval, e.g. 0 (op-conductor: rollup-boost-partial-healthiness-tolerance-limit)',
  'policy.boostPartialIntervalMs':
    'milliseconds, e.g. 60000 (op-conductor: rollup-boost-partial-healthiness-tolerance-interval-seconds)',
  'policy.flashblocksSilentMs': 'milliseconds, at least the block time, e.g. 6000',
  l1: 'an object with "rpc", and if needed "blockTime", "batcher", "proposer", "batchInbox"',
  'l1.rpc': 'the URL of an L1 endpoint that none of the nodes uses: it must be able to contradict them',
  'l1.blockTime': 'seconds between two L1 blocks, 12 if left out',
  'l1.batcher': 'the address that posts batches; left out = the one the rollup began with',
  'l1.proposer': 'the address that posts outputs or games',
  'l1.batchInbox': "the address batches are sent to; left out = the rollup's own",
  probeTimeoutMs:
    'milliseconds from 10 to 10000, less than verifyMs; left out: the block time, at least 100 and at most 250',
  gate: 'an object with "port", and if needed "host", "readers", "batchers", "operators"',
  'gate.host': 'the address to listen on, e.g. "127.0.0.1"',
  'gate.readers': 'a list of one secret, or two while it is being changed, of those who may only ask',
  'gate.readers.*': SECRET,
  'gate.readers.*.env': SECRET_ENV,
  'gate.batchers':
    'a list of one secret, or two while it is being changed, of op-batcher: it may also set the size of blocks',
  'gate.batchers.*': SECRET,
  'gate.batchers.*.env': SECRET_ENV,
  'gate.operators': 'a list of one secret, or two while it is being changed, of those who may also act',
  'gate.operators.*': SECRET,
  'gate.operators.*.env': SECRET_ENV,
  'gate.port': 'a port from 1 to 65535; 8547 is what op-node tries by default',
  page: 'an object with "port", and if needed "host"',
  'page.host':
    'the address the page listens on; any but "127.0.0.1", "::1" and "localhost" needs the secret BATON_PAGE_SECRET',
  'page.port': 'a port from 1 to 65535 that the gate does not use',
  metrics:
    'an object with "port", and if needed "host": where "baton monitor" answers /metrics, /healthz, /readyz and /leader',
  'metrics.host': 'the address to listen on, e.g. "0.0.0.0" for a Prometheus elsewhere',
  'metrics.port': 'a port from 1 to 65535; 7300 as for op-conductor',
  cloudwatch:
    '{"baton": …} to have the alarms of a deployment on AWS watch this monitor; the deployment writes it into its chains',
  'cloudwatch.baton': 'the "name" of the deployment, e.g. "prod"',
  recovery:
    '"auto" to repair what a crash left behind as soon as it is certain, "ask" to report the command that does it',
  store: 'an object with "objects", and if needed "endpoint", "region", "tables"',
  'store.endpoint': 'the URL of a DynamoDB API; leave it out for AWS',
  'store.region': 'an AWS region, e.g. "eu-west-1"',
  'store.tables': 'an object with the table names "heads", "leases" and "history"',
  'store.tables.heads': 'the name of the Heads table',
  'store.tables.leases': 'the name of the Leases table',
  'store.tables.history': 'the name of the History table',
  'store.objects': '{"kind": "folder", "path": …} or {"kind": "s3", "bucket": …}',
  'store.objects.kind': '"folder" or "s3"',
  'store.objects.path': 'a folder, e.g. "./data/objects"',
  'store.objects.bucket': 'the name of a bucket',
  'store.objects.payloads': 'the name of the table of small archived payloads; leave it out where there is none',
  'store.objects.endpoint': 'the URL of an S3 API; leave it out for AWS',
}

/** The expected value at a path such as `nodes.0.zone`. */
export function expectedAt(path: string): string | undefined {
  return expected[path.replace(/\.\d+(?=\.|$)/g, '.*')]
}
