import { userInfo } from 'node:os'
import type { AwsAccess } from '../lib/aws/signed-fetch.ts'
import { type ChainConfig, loadConfig, type Serves } from '../lib/config/chain-config.ts'
import { ConfigurationError } from '../lib/config/error.ts'
import { chainPorts } from '../lib/context/chain-ports.ts'
import type { ChainPorts } from '../lib/context/ports.ts'
import { type Log, silentLog } from '../lib/log.ts'
import { openBackfill } from '../lib/operations/backfill/open.ts'
import type { BackfillPorts } from '../lib/operations/backfill/ports.ts'
import { openStores } from '../lib/serve/open-stores.ts'
import { PATIENT } from '../lib/store/dynamo/client.ts'
import { awsOfCli, type PlacedConfig, readDeployed } from './aws.ts'
import { UsageError } from './errors.ts'
import { findLocalProcess, reportUnreadable } from './local-process.ts'
import type { Globals } from './options.ts'

/** The prefix of `--config` for a deployed chain; the name of its parameter follows. */
export const DEPLOYED = 'ssm:'

/**
 * The configuration a command is about: the given file or deployed chain (`ssm:…`), or that of the process running in
 * this folder. A file without a store means the embedded one, which the running process has open. Reads the secrets of
 * the nodes in `serves` only; without it, none.
 *
 * @throws UsageError when there is neither, ConfigurationError when the file cannot be used.
 */
export async function findConfig(
  { config: path }: Globals,
  log: Log = silentLog,
  { folder = process.cwd(), serves = () => false }: { readonly folder?: string; readonly serves?: Serves } = {},
): Promise<PlacedConfig> {
  const local = findLocalProcess(folder)?.config
  if (path === undefined) {
    if (local?.store) return { ...local, store: local.store }
    throw new UsageError(
      `no chain is given and none runs here${reportUnreadable(folder)}`,
      'Run "baton start" in this folder, or give --config FILE.',
    )
  }
  if (path.startsWith(DEPLOYED)) {
    return readDeployed(path.slice(DEPLOYED.length), log)
  }
  const config = await loadConfig(path, process.env, serves)
  const store = config.store ?? (local?.chain.id === config.chain.id ? local.store : undefined)
  if (store) return { ...config, store }
  throw new UsageError(
    `${path} names no store, and the embedded one is not running here`,
    `Run "baton start --config ${path}" in this folder, or add "store" to the file.`,
  )
}

/** What a command works with. */
export type Connected = {
  readonly config: PlacedConfig
  readonly aws: AwsAccess
  readonly ports: ChainPorts
  readonly close: () => Promise<void>
}

/**
 * Opens what a command needs to observe a chain and act on it, with a long store timeout by default; `close` it in the
 * end.
 */
export async function connect(
  globals: Globals,
  log: Log = silentLog,
  options: { readonly timeoutMs?: number } = PATIENT,
): Promise<Connected> {
  const config = await findConfig(globals, log)
  const aws = awsOfCli(config.store)
  const { stores, objects, close } = openStores(config.store, { ...options, aws })
  return { config, aws, ports: chainPorts(config, { stores, objects, aws }, log), close }
}

/** Connects, does something, and closes, whatever happens. */
export async function withChain<T>(globals: Globals, use: (ports: ChainPorts) => Promise<T>): Promise<T> {
  const { ports, close } = await connect(globals)
  try {
    return await use(ports)
  } finally {
    await close()
  }
}

/** Opens the ports of a backfill, with the engines' secrets; `close` them in the end. */
export async function openForBackfill(
  globals: Globals,
): Promise<{ readonly ports: BackfillPorts; readonly close: () => Promise<void> }> {
  const { config, aws, ports, close } = await connect(globals)
  try {
    return { ports: await openBackfill(config, ports, { env: process.env, parameter: aws.parameter }), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** The ports with access to the engines, if their secrets can be read here; read-only commands need no such right. */
export async function withEngines(config: ChainConfig, ports: ChainPorts, aws: AwsAccess): Promise<ChainPorts> {
  if (!config.nodes.some(({ engine }) => engine)) return ports
  try {
    return await openBackfill(config, ports, { env: process.env, parameter: aws.parameter })
  } catch (error) {
    if (error instanceof ConfigurationError) return ports
    throw error
  }
}

/** The actor for the history: `BATON_OPERATOR`, or the user of this machine. */
export function operatorName(env: NodeJS.ProcessEnv = process.env): string {
  if (env.BATON_OPERATOR) return env.BATON_OPERATOR
  try {
    return userInfo().username
  } catch {
    // In a container a user may have a number and no name.
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
