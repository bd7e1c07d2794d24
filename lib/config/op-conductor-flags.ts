/** Flags of op-conductor that have a counterpart, read below. */
export const mappedFlags = ['raft.server.id', 'node.rpc', 'execution.rpc', 'healthcheck.min-peer-count'] as const

/**
 * Flags of op-conductor v1.19.6 without a counterpart, by prefix; each with what Baton does instead. All flags:
 * docs/reference/op-conductor.md.
 */
export const unmappedFlags: Readonly<Record<string, string>> = {
  'consensus.': 'nodes do not talk to each other; the gate listens at gate.host and gate.port',
  'raft.round-robin-leader-transfer': 'set nodes[].priority; a candidate that failed to start is not tried at once',
  'raft.': 'there is no Raft: DynamoDB keeps the head; how fast Baton acts is "policy"',
  paused: 'run "baton pause"; it outlives restarts',
  'rpc.enable-proxy': 'always on; the secrets of the gate decide who may use it',
  'healthcheck.interval': 'Baton observes once a second',
  'healthcheck.unsafe-interval': 'the leader is judged by its commits: "policy"',
  'healthcheck.safe-': 'no reason to move; the alarm sequencing-window-50pct pages',
  'healthcheck.execution-p2p-': "the execution client's peers decide nothing",
  'healthcheck.rollup-boost-': 'a soft reason at most: docs/flashblocks.md',
  'rollup-boost.': 'a soft reason at most: docs/flashblocks.md',
  'rollupboost.ws-url': 'Baton relays no stream; it tells relays the leader: docs/flashblocks.md',
  'websocket.server-port': 'Baton relays no stream; it tells relays the leader: docs/flashblocks.md',
  'rpc.': 'the gate listens at gate.host and gate.port',
  'log.': 'Baton writes its log to stdout',
  'metrics.': '/metrics of gate and monitor: docs/metrics.md',
  'pprof.': 'none',
  'rollup.config': 'read from the nodes',
  network: 'read from the nodes',
}

/** What Baton does instead of a flag; `undefined` = op-conductor has no such flag. */
export function insteadOf(flag: string): string | undefined {
  const prefix = Object.keys(unmappedFlags).find(
    (each) => flag === each || (/[.-]$/.test(each) && flag.startsWith(each)),
  )
  return prefix === undefined ? undefined : unmappedFlags[prefix]
}

/** op-conductor's own flags (v1.19.6), for the names of its variables. */
export const knownFlags: readonly string[] = [
  'consensus.addr',
  'consensus.advertised',
  'consensus.port',
  'execution.rpc',
  'healthcheck.execution-p2p-check-api',
  'healthcheck.execution-p2p-enabled',
  'healthcheck.execution-p2p-min-peer-count',
  'healthcheck.execution-p2p-rpc-url',
  'healthcheck.interval',
  'healthcheck.min-peer-count',
  'healthcheck.rollup-boost-partial-healthiness-tolerance-interval-seconds',
  'healthcheck.rollup-boost-partial-healthiness-tolerance-limit',
  'healthcheck.safe-enabled',
  'healthcheck.safe-interval',
  'healthcheck.unsafe-interval',
  'node.rpc',
  'paused',
  'raft.bootstrap',
  'raft.heartbeat-timeout',
  'raft.lease-timeout',
  'raft.round-robin-leader-transfer',
  'raft.server.id',
  'raft.snapshot-interval',
  'raft.snapshot-threshold',
  'raft.storage.dir',
  'raft.trailing-logs',
  'rollup-boost.enabled',
  'rollup-boost.healthcheck-timeout',
  'rollup-boost.next-enabled',
  'rollup-boost.next-healthcheck-url',
  'rollupboost.ws-url',
  'rpc.enable-proxy',
  'websocket.server-port',
]

/** The settings of one op-conductor, by flag: `node.rpc` → URL. */
export type ConductorFlags = Readonly<Record<string, string>>

const PREFIX = 'OP_CONDUCTOR_'

/**
 * Reads op-conductor's settings from its command line or its environment (`OP_CONDUCTOR_NODE_RPC=…`), as a unit file, a
 * compose file, a Kubernetes manifest, `docker inspect` or `ps` shows them. Comments, empty values and other words are
 * left out.
 */
export function readConductorFlags(given: string, known: readonly string[]): ConductorFlags {
  const text = onePerLine(given)
  const variables = new Map(known.map((flag) => [`${PREFIX}${flag.replace(/[.-]/g, '_').toUpperCase()}`, flag]))
  const flags: Record<string, string> = {}
  const value = (raw: string) => raw.replace(/^["']|["'],?$|,$/g, '')
  for (const [, name = '', raw = ''] of text.matchAll(
    /\b(OP_CONDUCTOR_[A-Z0-9_]+)["']?[ \t]*[=:][ \t]*("[^"\n]*"|'[^'\n]*'|[^\s,]*)/g,
  )) {
    if (value(raw) !== '') flags[variables.get(name) ?? name] = value(raw)
  }
  for (const [, dashes, name = '', raw] of text.matchAll(
    /(?:^|[\s"'[])(--?)([a-z][a-z0-9.-]*)(?:(?:=|(?:["'],\s*|\s+(?:-\s+)?)(?!["']?-))("[^"\n]*"|'[^'\n]*'|[^\s\]"',]+))?/g,
  )) {
    // Go takes one dash for two; other programs' options on the same line are none of these.
    if (dashes === '--' || known.includes(name)) flags[name] = raw === undefined ? 'true' : value(raw)
  }
  return flags
}

/** Without comments, and with each setting on one line: shells continue lines, and Kubernetes takes two. */
function onePerLine(text: string): string {
  return text
    .replace(/^[ \t]*;.*$|(?:^|[ \t])#.*$/gm, '')
    .replace(/\\\r?\n/g, ' ')
    .replace(/\bname:[ \t]*["']?(OP_CONDUCTOR_[A-Z0-9_]+)["']?\s+value:[ \t]*/g, '$1: ')
}
