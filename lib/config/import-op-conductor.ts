import { parse } from 'smol-toml'
import * as v from 'valibot'
import { ConfigurationError } from './error.ts'
import { type ConductorFlags, insteadOf, mappedFlags } from './op-conductor-flags.ts'

/** What an import has to say about one field: what became of it, or what to write by hand. */
export type ImportNote = {
  /** `none` = it has no counterpart; `assumed` = check it; `write` = it must be written by hand. */
  readonly kind: 'none' | 'assumed' | 'write'
  readonly about: string
  readonly text: string
}

/** A chain's configuration as it would be written, and what was not taken over. */
export type Imported = { readonly config: object; readonly notes: readonly ImportNote[] }

/** What the file does not say, and a node or the operator does. */
export type ChainFacts = { readonly id: number; readonly blockTime: number; readonly name?: string }

/** A sequencer as op-conductor's own files know it. */
type Sequencer = {
  readonly name: string
  readonly consensus?: string
  readonly execution?: string
  readonly voting: boolean
  readonly minPeers?: number
}

const text = v.string()
const sequencer = v.looseObject({
  raft_addr: v.exactOptional(text),
  conductor_rpc_url: v.exactOptional(text),
  node_rpc_url: text,
  voting: v.optional(v.boolean(), true),
  builder_rpc_url: v.exactOptional(text),
  rollup_boost_debug_rpc_url: v.exactOptional(text),
})
const opsFile = v.looseObject({
  cert_path: v.exactOptional(text),
  networks: v.record(text, v.looseObject({ sequencers: v.array(text) })),
  sequencers: v.record(text, sequencer),
})

const instead: Readonly<Record<string, string>> = {
  raft_addr: 'there is no Raft',
  conductor_rpc_url: "give op-conductor-ops the gate's path of the node: docs/reference/op-conductor.md",
  builder_rpc_url: 'a soft reason at most: docs/flashblocks.md',
  rollup_boost_debug_rpc_url: 'op-conductor-ops still calls rollup-boost itself',
}

/** Where the nodes come from: op-conductor-ops' file, op-conductors' own settings, or both (joined by name). */
export type ImportSources = {
  /** The TOML text of op-conductor-ops and its path. */
  readonly ops?: { readonly text: string; readonly path: string; readonly network?: string | undefined }
  readonly conductors: readonly ConductorFlags[]
  /** Where an execution client listens whose URL is not known: on its op-node's host. */
  readonly executionPort: number
}

/** Reads the sequencers of the sources; the consensus URLs are where the chain can be asked for its facts. */
export function readSequencers({ ops, conductors }: ImportSources): {
  readonly sequencers: readonly Sequencer[]
  readonly notes: readonly ImportNote[]
} {
  const own = conductors.map(sequencerOf)
  if (!ops) return { sequencers: own, notes: conductors.flatMap(unmapped) }
  const listed = readOps(ops)
  const known = new Map(own.map((each) => [each.name, each]))
  const stray = own.filter(({ name }) => !listed.sequencers.some((each) => each.name === name))
  return {
    sequencers: listed.sequencers.map((each) => {
      const { execution, minPeers } = known.get(each.name) ?? {}
      return { ...each, ...(execution && { execution }), ...(minPeers !== undefined && { minPeers }) }
    }),
    notes: [
      ...listed.notes,
      ...conductors.flatMap(unmapped),
      ...stray.map(({ name }) => note('none', name, `is not in the network of ${ops.path}; left out`)),
    ],
  }
}

/** Makes the configuration of a chain. It is complete but for secrets, which come from the environment. */
export function importOpConductor(sources: ImportSources, facts: ChainFacts): Imported {
  const { sequencers, notes } = readSequencers(sources)
  const assumed: ImportNote[] = []
  const ids = sequencers.map(({ name }) => name)
  const names = distinct(ids, nameOf, '-')
  const variables = distinct(names, (name) => `BATON_SECRET_${name.replace(/\W/g, '_').toUpperCase()}`, '_')
  const nodes = sequencers.map(({ name: id, consensus = '', execution, voting }, i) => {
    const [name = '', variable] = [names[i], variables[i]]
    if (name !== id) assumed.push(note('assumed', id, `is called ${name}: a name has letters, digits, "-" and "_"`))
    const url = execution ?? onHost(consensus, sources.executionPort)
    if (execution === undefined) assumed.push(note('assumed', `${name}.execution`, `${url}: no file names it`))
    return {
      ...{ name, zone: 'unknown', consensus, execution: url },
      ...(!voting && { noFailover: true }),
      secrets: [{ env: variable }],
    }
  })
  const peers = sequencers.flatMap(({ minPeers }) => minPeers ?? [])
  const { id, blockTime, name = `chain ${id}` } = facts
  return {
    config: {
      chain: { id, name, blockTime },
      nodes,
      ...(peers.length > 0 && { policy: { minPeers: Math.min(...peers) } }),
    },
    notes: [
      ...notes,
      ...assumed,
      note('write', 'zone', "each node's place: nodes in one zone are taken to fail together"),
      note(
        'write',
        'secrets',
        `a new secret for each node, in ${nodes.map(({ secrets }) => secrets[0]?.env).join(', ')}`,
      ),
    ],
  }
}

const note = (kind: ImportNote['kind'], about: string, text: string): ImportNote => ({ kind, about, text })

/** The longest name that leaves room for a suffix. */
const MOST_NAME = 60

/** A valid name, as near to the given one as possible. */
function nameOf(id: string): string {
  const name = id.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, MOST_NAME)
  return /^[A-Za-z0-9]/.test(name) ? name : `seq${name}`.slice(0, MOST_NAME)
}

/** Makes a text of each id; one that another id has already gets a number. Equal ids stay equal, and are refused. */
function distinct(ids: readonly string[], make: (id: string) => string, separator: string): string[] {
  const taken = new Map<string, string>()
  return ids.map((id) => {
    let text = make(id)
    for (let n = 2; (taken.get(text) ?? id) !== id; n++) text = `${make(id)}${separator}${n}`
    taken.set(text, id)
    return text
  })
}

/** What is no URL is left to the check of the configuration, which names it. */
function onHost(consensus: string, port: number): string {
  if (!/^https?:/.test(consensus) || !URL.canParse(consensus)) return consensus
  const url = new URL(consensus)
  url.port = String(port)
  url.pathname = '/'
  return url.href.replace(/\/$/, '')
}

function sequencerOf(flags: ConductorFlags, i: number): Sequencer {
  const { 'raft.server.id': name, 'node.rpc': consensus, 'execution.rpc': execution } = flags
  const peers = Number(flags['healthcheck.min-peer-count'] ?? Number.NaN)
  const missing = name === undefined ? 'raft.server.id' : consensus === undefined ? 'node.rpc' : undefined
  if (name === undefined || consensus === undefined) {
    const problem = `does not name ${missing}`
    const write = `--${missing}, or OP_CONDUCTOR_${missing?.replace(/[.-]/g, '_').toUpperCase()}`
    throw new ConfigurationError(`op-conductor ${i + 1}`, [{ path: '', problem, write }])
  }
  const minPeers = Number.isInteger(peers) && peers >= 0 ? { minPeers: peers } : {}
  return { name, consensus, voting: true, ...(execution && { execution }), ...minPeers }
}

function unmapped(flags: ConductorFlags): ImportNote[] {
  const node = flags['raft.server.id'] ?? ''
  const mapped: readonly string[] = mappedFlags
  return Object.keys(flags)
    .filter((flag) => !mapped.includes(flag))
    .map((flag) =>
      note('none', `${node} --${flag}`, insteadOf(flag) ?? 'op-conductor v1.19.6 has no such flag; left out'),
    )
}

function readOps({ text, path, network }: NonNullable<ImportSources['ops']>) {
  const read = v.safeParse(opsFile, parseToml(text, path))
  if (!read.success) {
    const problems = read.issues.map((issue) => ({
      path: v.getDotPath(issue) ?? '',
      problem: issue.received === 'undefined' ? 'is missing' : `is ${issue.received}`,
      write: issue.expected ?? 'what op-conductor-ops reads',
    }))
    throw new ConfigurationError(path, problems)
  }
  const { networks, sequencers, cert_path } = read.output
  const names = Object.keys(networks)
  const chosen = network ?? (names.length === 1 ? names[0] : undefined)
  const listed = chosen === undefined ? undefined : networks[chosen]?.sequencers
  if (!listed) {
    const problem = network === undefined ? `has ${names.length} networks` : `has no network "${network}"`
    const write = `--network with one of ${names.join(', ')}`
    throw new ConfigurationError(path, [{ path: 'networks', problem, write }])
  }
  const absent = listed.filter((id) => !Object.hasOwn(sequencers, id))
  if (absent.length > 0) {
    const problems = absent.map((id) => ({ path: `sequencers.${id}`, problem: 'is missing', write: 'its table' }))
    throw new ConfigurationError(path, problems)
  }
  const members = listed.flatMap((id) => (sequencers[id] ? [[id, sequencers[id]] as const] : []))
  return {
    sequencers: members.map(([name, { node_rpc_url: consensus, voting }]): Sequencer => ({ name, consensus, voting })),
    notes: [
      ...(cert_path === undefined ? [] : [note('none', 'cert_path', 'Node takes NODE_EXTRA_CA_CERTS')]),
      ...members.flatMap(([id, fields]) =>
        Object.keys(fields)
          .filter((field) => field !== 'node_rpc_url' && field !== 'voting')
          .map((field) =>
            note('none', `${id}.${field}`, instead[field] ?? 'op-conductor-ops reads no such field; left out'),
          ),
      ),
    ],
  }
}

function parseToml(text: string, path: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    const { line, column } = cause as { readonly line?: number; readonly column?: number }
    const where = line === undefined ? '' : `line ${line}, column ${column}`
    throw new ConfigurationError(path, [{ path: where, problem: 'is not TOML', write: 'valid TOML' }], cause)
  }
}
