import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import type { NodeConfig } from '../protocol/observation.ts'
import type { Policy } from '../protocol/policy.ts'
import type { NodeName } from '../protocol/records.ts'
import { ConfigurationError, type ConfigurationProblem, parseJson, quote } from './error.ts'
import { expectedAt } from './expected.ts'
import { urlProblemOf } from './fields.ts'
import { blockTimeOf, bracketed, checkRules, policyOf, probeTimeoutOf } from './rules.ts'
import { configSchema, type WrittenConfig } from './schema.ts'

/** A sequencer as configured. `consensus` and `execution` are URLs; one or two `secrets` are valid at once. */
/** A node as configured. */
export type ConfiguredNode = NodeConfig & {
  readonly consensus: string
  readonly execution: string
  readonly secrets: readonly string[]
  /** Direct access to its engine API; absent = payloads go in through op-node. */
  readonly engine?: NonNullable<WrittenConfig['nodes'][number]['engine']>
  /** Its rollup-boost, and the URL of its flashblocks stream; absent = it has none, or Baton shall not watch it. */
  readonly boost?: NonNullable<WrittenConfig['nodes'][number]['boost']>
  readonly flashblocks?: string
  /** How its machine runs prepared steps; absent = Baton cannot restart anything there. */
  readonly host?: NonNullable<WrittenConfig['nodes'][number]['host']>
}

/** The address a server listens on. */
type Address = { readonly host: string; readonly port: number }

/** The one or two valid secrets of each role that calls the gate and is no node; absent = that role has no callers. */
export type RoleSecrets = Readonly<Partial<Record<(typeof roleFields)[number], readonly string[]>>>

/** The fields of `gate` that hold secrets of roles, and the last part of their parameters' names on AWS. */
export const roleFields = ['readers', 'batchers', 'operators'] as const

/** The configuration of one chain, complete and validated. */
export type ChainConfig = {
  readonly chain: { readonly id: number; readonly name: string; readonly blockTimeMs: number }
  readonly nodes: readonly ConfiguredNode[]
  /** Complete: omitted values follow from the block time. */
  readonly policy: Policy
  readonly probeTimeoutMs: number
  readonly gate: Address & RoleSecrets
  readonly page: Address
  /** Where `baton monitor` answers `/metrics`, probes and `/leader`. */
  readonly metrics: Address
  /** Absent = the embedded database and a folder beside it. */
  readonly store?: NonNullable<WrittenConfig['store']>
  /** The deployment on AWS whose alarms watch the metrics of this chain's monitors; absent = there is none. */
  readonly cloudwatch?: NonNullable<WrittenConfig['cloudwatch']>
  /** L1, through an endpoint of our own; absent = Baton sees L1 only through the nodes. */
  readonly l1?: NonNullable<WrittenConfig['l1']>
  /** Whether Baton repairs crash damage at once, or shows an operator the command. */
  readonly recovery: WrittenConfig['recovery']
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether to read a node's secrets: only a gate needs any, and only for the nodes it serves. */
export type Serves = (node: NodeName) => boolean

const everyNode: Serves = () => true

/** Why a file cannot be read, by the code of the system's error. */
const unreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'its permissions do not let you read it',
}

/**
 * Reads a chain's configuration from a file, JSON or YAML (`.yaml`). Secrets given as `{"env": "NAME"}` come from `env`; a node that is
 * not served gets none.
 *
 * @throws ConfigurationError naming every invalid field and its expected value.
 */
export async function loadConfig(
  path: string,
  env: Environment = process.env,
  serves: Serves = everyNode,
): Promise<ChainConfig> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const problem = unreadable[cause.code ?? ''] ?? cause.message
    throw new ConfigurationError(
      path,
      [{ path: '', problem, write: 'the path of a readable JSON or YAML file' }],
      cause,
    )
  })
  if (!/\.ya?ml$/i.test(path)) {
    try {
      return parseConfig(text, env, path, serves)
    } catch {
      // Again, with what finds the line; a valid JSON file does not load it.
    }
  }
  const { readWritten } = await import('./written.ts')
  return readWritten(text, path, (json) => parseConfig(json, env, path, serves))
}

/** Parses a chain's configuration from JSON text. Throws as {@link loadConfig}. */
export function parseConfig(
  json: string,
  env: Environment = process.env,
  source = 'the configuration',
  serves: Serves = everyNode,
): ChainConfig {
  const result = v.safeParse(configSchema, parseJson(json, source))
  if (!result.success) throw new ConfigurationError(source, result.issues.map(problemOf))
  const written = result.output
  const problems = checkRules(written)
  const nodes = written.nodes.map((node, i) => ({
    ...node,
    secrets: serves(node.name)
      ? node.secrets.map((secret, j) => resolveSecret(secret, env, `nodes.${i}.secrets.${j}`, problems))
      : [],
  }))
  const gate = resolveRoles(written.gate, nodes.some(({ name }) => serves(name)) ? env : undefined, problems)
  const blockTimeMs = blockTimeOf(written.chain)
  if (problems.length > 0 || blockTimeMs === undefined) throw new ConfigurationError(source, problems)
  checkSecretsDiffer(
    [...nodes, ...roleFields.map((role) => ({ name: `gate.${role}`, secrets: gate[role] ?? [] }))],
    source,
  )
  const { id, name } = written.chain
  const policy = policyOf(written.policy, blockTimeMs)
  const { $schema: _, ...fields } = written
  return {
    ...fields,
    chain: { id, name, blockTimeMs },
    nodes,
    gate,
    policy,
    probeTimeoutMs: probeTimeoutOf(written, policy),
  }
}

/** Derives the protocol's settings from a configuration; `chain` is the key of the chain's records. */
export function deriveProtocol({ chain, nodes, policy }: ChainConfig): {
  readonly chain: string
  readonly nodes: readonly NodeConfig[]
  readonly policy: Policy
} {
  return {
    chain: String(chain.id),
    nodes: nodes.map(({ name, zone, priority, noFailover, derivesFrom }) => ({
      name,
      zone,
      priority,
      noFailover,
      ...(derivesFrom !== undefined && { derivesFrom }),
    })),
    policy,
  }
}

/** The gate with the secrets of its roles; without any where no node is served (`env` absent). */
function resolveRoles(
  { host, port, ...roles }: WrittenConfig['gate'],
  env: Environment | undefined,
  problems: ConfigurationProblem[],
): ChainConfig['gate'] {
  const secrets: { -readonly [role in keyof RoleSecrets]: RoleSecrets[role] } = {}
  for (const role of env ? roleFields : []) {
    const own = roles[role]?.map((secret, i) => resolveSecret(secret, env ?? {}, `gate.${role}.${i}`, problems))
    if (own) secrets[role] = own
  }
  return { host, port, ...secrets }
}

function resolveSecret(
  secret: string | { readonly env: string },
  env: Environment,
  path: string,
  problems: ConfigurationProblem[],
): string {
  if (typeof secret === 'string') return secret
  const value = env[secret.env] ?? ''
  if (value.length >= 8) return value
  const problem = value === '' ? `the variable ${secret.env} is not set` : `the variable ${secret.env} is too short`
  problems.push({ path: bracketed(path), problem, write: expectedAt(`${path}.env`) ?? '' })
  return ''
}

function checkSecretsDiffer(nodes: readonly { name: string; secrets: readonly string[] }[], source: string) {
  const owners = new Map<string, string>()
  for (const { name, secrets } of nodes) {
    for (const secret of secrets) {
      const owner = owners.get(secret)
      if (owner !== undefined && owner !== name) {
        const problem = `${name} and ${owner} have the same secret in their variables`
        throw new ConfigurationError(source, [{ path: 'nodes', problem, write: expectedAt('nodes.0.secrets.0') ?? '' }])
      }
      owners.set(secret, name)
    }
  }
}

function problemOf(issue: v.BaseIssue<unknown>): ConfigurationProblem {
  const path = v.getDotPath(issue) ?? ''
  const parent = path.split('.').slice(0, -1).join('.')
  if (issue.expected === 'never') {
    return { path: bracketed(path), problem: 'there is no such field', write: expectedAt(parent) ?? 'nothing' }
  }
  const missing = issue.received === 'undefined'
  const shown = /secrets|jwt|readers|batchers|operators/.test(path)
    ? 'is not a secret, or the place of one'
    : (urlProblemOf(issue) ?? `${quote(issue.input)} is not allowed`)
  return {
    path: bracketed(path),
    problem: missing ? 'is missing' : shown,
    write: expectedAt(path) ?? expectedAt(parent) ?? issue.message,
  }
}
