import { randomUUID } from 'node:crypto'
import { type ChainConfig, parseConfig } from '../config/chain-config.ts'
import { ConfigurationError, parseJson } from '../config/error.ts'
import { parameterNames } from '../config/parameter-names.ts'
import type { Log } from '../log.ts'
import type { Parameter, ReadParameters } from '../store/parameters.ts'
import type { Environment } from './environment.ts'

/** How many older versions of a parameter to try when the newest is invalid. */
const OLDER_VERSIONS = 5

/**
 * Reads the configuration of a chain. If the newest version of the parameter is invalid, logs that and uses the newest
 * valid version: a slip in the console stops no function, not even one that starts afterwards. The nodes' secrets in it
 * are placeholders: most functions may not read the real ones.
 *
 * @throws ConfigurationError naming every invalid field, when no recent version is valid.
 * @throws StoreUnavailableError
 */
export async function readChainConfig(
  read: ReadParameters,
  prefix: string,
  chain: string,
  log: Log,
): Promise<ChainConfig> {
  const name = parameterNames(prefix, chain).config
  const newest = (await read([name])).get(name)
  if (!newest) throw missing(name)
  try {
    return parseChain(newest.value, chain, name)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const { message, remedy } = error
    log.error('the newest configuration cannot be used', { chain, version: newest.version, problem: message, remedy })
    const older = await readOlder(read, name, newest).catch((cause: unknown) => {
      log.warn('older configurations could not be read', { chain, error: cause })
      return []
    })
    for (const { value, version } of older) {
      const config = tryParse(value, chain, name)
      if (!config) continue
      log.warn('an older configuration stays in force', { chain, version })
      return config
    }
    throw error
  }
}

/**
 * Reads parameters; the chains' configurations of those a function was deployed with, without a call. Such a function
 * needs no route to Systems Manager.
 */
export function deployedFirst(
  read: ReadParameters,
  { parameters: prefix, configurations }: Pick<Environment, 'parameters' | 'configurations'>,
): ReadParameters {
  if (!configurations) return read
  const deployed = new Map(
    Object.entries(configurations).map(([chain, value]) => [parameterNames(prefix, chain).config, value]),
  )
  return async (names) => {
    const others = names.filter((name) => !deployed.has(name))
    const found = new Map(others.length > 0 ? await read(others) : [])
    for (const name of names) {
      const value = deployed.get(name)
      if (value !== undefined) found.set(name, { value, version: 1 })
    }
    return found
  }
}

async function readOlder(read: ReadParameters, name: string, { version }: Parameter): Promise<Parameter[]> {
  const versions = Array.from({ length: Math.min(OLDER_VERSIONS, version - 1) }, (_, i) => `${name}:${version - 1 - i}`)
  if (versions.length === 0) return []
  const found = await read(versions)
  return versions.flatMap((one) => found.get(one) ?? [])
}

function tryParse(json: string, chain: string, source: string): ChainConfig | undefined {
  try {
    return parseChain(json, chain, source)
  } catch {
    return undefined
  }
}

function parseChain(json: string, chain: string, source: string): ChainConfig {
  const config = parseConfig(withoutSecrets(json, source), {}, source)
  if (String(config.chain.id) === chain) return config
  const problem = `${config.chain.id} is not the chain this parameter is for`
  throw new ConfigurationError(source, [{ path: 'chain.id', problem, write: chain }])
}

/** Puts unguessable placeholders in place of a configuration file's secrets. */
function withoutSecrets(json: string, source: string): string {
  const written = parseJson(json, source)
  const nodes: unknown = isObject(written) ? written.nodes : undefined
  if (!isObject(written) || !Array.isArray(nodes)) return json
  const plain = nodes.flatMap((node: unknown, i) =>
    isObject(node) && 'secrets' in node ? [`nodes[${i}].secrets`] : [],
  )
  if (plain.length > 0) {
    const write = 'nothing: change the secret, and write the new one to the SecureString "nodes/<name>/secrets"'
    throw new ConfigurationError(
      source,
      plain.map((path) => ({ path, problem: 'a secret is written here in plain text', write })),
    )
  }
  const { store: _, ...rest } = written
  const placed = nodes.map((node: unknown) => (isObject(node) ? { ...node, secrets: [randomUUID()] } : node))
  return JSON.stringify({ ...rest, nodes: placed })
}

function missing(name: string): ConfigurationError {
  const write = 'the chain’s configuration as JSON (deploy the stack, which writes it)'
  return new ConfigurationError(name, [{ path: '', problem: 'there is no such parameter', write }])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
