import { type ChainConfig, parseConfig } from '../config/chain-config.ts'
import { ConfigurationError, type ConfigurationProblem } from '../config/error.ts'
import type { Machine } from './hosts.ts'

/** A chain in the configuration of a deployment: the format of `baton`, without secrets and addresses. */
export type ChainSettings = {
  readonly chain: {
    readonly id: number
    readonly name: string
    readonly blockTime?: number
    readonly blockTimeMs?: number
  }
  readonly nodes: readonly NodeSettings[]
  readonly policy?: Readonly<Record<string, number>>
  readonly probeTimeoutMs?: number
  /** L1, through an endpoint of our own. */
  readonly l1?: Readonly<Record<string, string | number>>
  /** Whether Baton repairs a damaged node without approval. */
  readonly recovery?: 'auto' | 'ask'
}

/** One sequencer of a chain: its name, its place and its priority. */
export type NodeSettings = {
  readonly name: string
  readonly zone: string
  /** Higher is preferred; each eligible node needs a different one. */
  readonly priority?: number
  readonly noFailover?: boolean
  readonly consensus: string
  readonly execution: string
  /** Its engine API; the secret is the SecureString `nodes/<name>/jwt`, beside the node's other secrets. */
  readonly engine?: { readonly url: string }
  /** Its machine, for host steps. They run documents of this deployment unless `documents` names others. */
  readonly host?: Machine & {
    readonly kind: 'ssm'
    readonly restore?: boolean
    readonly documents?: string
    readonly region?: string
  }
}

const fields = ['chain', 'nodes', 'policy', 'probeTimeoutMs', 'l1', 'recovery']
const SECRETS_BELONG = 'nothing: secrets are kept in the Parameter Store, see the output SecretsCommand'

/**
 * Validates the settings of a chain before deployment, by the rules that the functions apply when they read them and
 * those that only a deployment has.
 *
 * @throws ConfigurationError naming every invalid field and its expected value.
 */
export function checkChainSettings(settings: ChainSettings, source: string): ChainConfig {
  const problems = [
    ...strangers(settings),
    ...secretsGiven(settings),
    ...shellsGiven(settings),
    ...enginesGiven(settings),
    ...endlessNames(settings),
  ]
  if (problems.length > 0) throw new ConfigurationError(source, problems)
  const config = parseConfig(JSON.stringify(withPlaceholders(settings)), {}, source)
  const ranks = sharedRanks(config)
  if (ranks.length > 0) throw new ConfigurationError(source, ranks)
  return config
}

/** What a deployment adds to the settings of its chains. */
type Rendering = {
  /** Its name: the alarms watch metrics that have it. */
  readonly baton: string
  /** The prefix of its documents. */
  readonly documents: string
  /** The parameter of an engine's secret. */
  readonly jwt: (node: string) => string
}

/** The value of a chain's configuration parameter. */
export function renderChainSettings(settings: ChainSettings, { baton, documents, jwt }: Rendering): string {
  const { chain, policy, probeTimeoutMs, l1, recovery } = settings
  const nodes = settings.nodes.map((node) => ({
    ...node,
    ...(node.engine && { engine: { url: node.engine.url, jwt: { ssm: jwt(node.name) } } }),
    ...(node.host && { host: { documents, ...node.host } }),
  }))
  return JSON.stringify({ chain, nodes, policy, probeTimeoutMs, cloudwatch: { baton }, l1, recovery })
}

/** The machines of a chain's nodes that run this deployment's documents. */
export function machinesOf({ nodes }: ChainSettings, documents: string): Machine[] {
  return nodes.flatMap(({ host }) => (host && (host.documents ?? documents) === documents ? [host] : []))
}

function strangers(settings: ChainSettings): ConfigurationProblem[] {
  const write = `only ${fields.join(', ')}: where things run is the deployment's business`
  return Object.keys(settings)
    .filter((field) => !fields.includes(field))
    .map((path) => ({ path, problem: 'there is no such field in a deployed chain', write }))
}

function secretsGiven({ nodes }: ChainSettings): ConfigurationProblem[] {
  if (!Array.isArray(nodes)) return []
  return nodes.flatMap((node: unknown, i) =>
    isObject(node) && 'secrets' in node
      ? [{ path: `nodes[${i}].secrets`, problem: 'a secret must not be in this file', write: SECRETS_BELONG }]
      : [],
  )
}

/** A function has no shell on a node's machine. */
function shellsGiven({ nodes }: ChainSettings): ConfigurationProblem[] {
  if (!Array.isArray(nodes)) return []
  const write = '"ssm", with the id of the instance: a deployed Baton runs beside no node'
  return nodes.flatMap((node: unknown, i) =>
    isObject(node) && isObject(node.host) && node.host.kind === 'shell'
      ? [{ path: `nodes[${i}].host.kind`, problem: '"shell" is for a Baton on that machine', write }]
      : [],
  )
}

/** AWS limits the texts that have a chain's name: descriptions, the titles of a dashboard. */
const MOST_CHARACTERS = 100

function endlessNames({ chain }: ChainSettings): ConfigurationProblem[] {
  const name: unknown = isObject(chain) ? chain.name : undefined
  if (typeof name !== 'string') return []
  const write = `a name of at most ${MOST_CHARACTERS} characters in one line, e.g. "my-rollup"`
  const found = (problem: string) => [{ path: 'chain.name', problem, write }]
  if (/\p{Cc}/u.test(name)) return found('has a line break or another control character')
  return name.length > MOST_CHARACTERS ? found(`has ${name.length} characters`) : []
}

/** The place of an engine's secret is fixed: the functions may read one place only. */
function enginesGiven({ nodes }: ChainSettings): ConfigurationProblem[] {
  if (!Array.isArray(nodes)) return []
  const write = 'nothing: a deployed Baton reads it from the SecureString "nodes/<name>/jwt"'
  return nodes.flatMap((node: unknown, i) =>
    isObject(node) && isObject(node.engine) && 'jwt' in node.engine
      ? [{ path: `nodes[${i}].engine.jwt`, problem: 'where the secret is kept is not chosen here', write }]
      : [],
  )
}

/** Adds placeholders for the secrets that the rules require: those of a deployed chain are unknown here. */
function withPlaceholders(settings: ChainSettings): unknown {
  if (!Array.isArray(settings.nodes)) return settings
  const nodes = settings.nodes.map((node: unknown, i) =>
    isObject(node)
      ? {
          ...node,
          secrets: [`placeholder-${i}`],
          ...(isObject(node.engine) && { engine: { ...node.engine, jwt: { ssm: '/placeholder' } } }),
        }
      : node,
  )
  return { ...settings, nodes }
}

function sharedRanks({ nodes }: ChainConfig): ConfigurationProblem[] {
  const owners = new Map<number, string>()
  return nodes.flatMap(({ name, priority, noFailover }, i) => {
    if (noFailover) return []
    const owner = owners.get(priority)
    owners.set(priority, owner ?? name)
    if (owner === undefined) return []
    const write = 'an integer that no other node has: higher is preferred, and the order is yours to choose'
    return [{ path: `nodes[${i}].priority`, problem: `${priority} is also the priority of "${owner}"`, write }]
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
