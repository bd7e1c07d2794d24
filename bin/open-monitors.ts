import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { AwsAccess } from '../lib/aws/signed-fetch.ts'
import { type Collector, collectMetrics } from '../lib/cloudwatch/collect.ts'
import { putMetricData } from '../lib/cloudwatch/put-metric-data.ts'
import { chainPorts } from '../lib/context/chain-ports.ts'
import { systemClock } from '../lib/context/ports.ts'
import type { Log } from '../lib/log.ts'
import { watching } from '../lib/monitor/pace.ts'
import { openBackfill } from '../lib/operations/backfill/open.ts'
import { type OpenStores, openStores } from '../lib/serve/open-stores.ts'
import type { MonitorsOptions, WatchedChain } from '../lib/serve/run-monitors.ts'
import { awsOfCli, type PlacedConfig } from './aws.ts'
import { DEPLOYED, findConfig } from './connect.ts'
import { UsageError } from './errors.ts'
import type { Globals } from './options.ts'

/** The chains of a monitor process, and where it answers; `close` them in the end. */
export type OpenMonitors = Pick<MonitorsOptions, 'address'> & {
  readonly chains: readonly WatchedChain[]
  close(): Promise<void>
}

/**
 * Opens every chain that `--config` names before one is watched: a slip in one file must not end the monitor of the
 * others in the middle of their work. Chains on the same tables share connections, and with many of them reads.
 *
 * @throws UsageError | ConfigurationError naming what is wrong and in which file; nothing stays open then.
 */
export async function openMonitors(globals: Globals, log: Log): Promise<OpenMonitors> {
  const configs: PlacedConfig[] = []
  for (const config of namedConfigs(globals.config)) configs.push(await findConfig({ ...globals, config }, log))
  const address = checkTogether(configs)
  const shared = new Map<string, Shared>()
  const close = async () => void (await Promise.all([...shared.values()].map((open) => open.close())))
  try {
    const chains: WatchedChain[] = []
    for (const config of configs) {
      const place = JSON.stringify(config.store)
      const open = shared.get(place) ?? openShared(config, configs.length, log)
      shared.set(place, open)
      chains.push(await openChain(config, open, configs.length > 1 ? namingChain(log, config.chain.id) : log))
    }
    return { chains, address, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** What `--config` names: one configuration, several with commas, or all files of a folder. */
export function namedConfigs(config: string | undefined): readonly (string | undefined)[] {
  if (config === undefined) return [undefined]
  return config.split(',').flatMap((name) => {
    if (name === '') throw new UsageError(`--config ${config} has an empty name`, 'Write the names with single commas.')
    return !name.startsWith(DEPLOYED) && isFolder(name) ? filesOf(name) : [name]
  })
}

function filesOf(folder: string): readonly string[] {
  const files = readdirSync(folder)
    .filter((name) => /\.(json|ya?ml)$/i.test(name))
    .toSorted()
  if (files.length > 0) return files.map((name) => join(folder, name))
  throw new UsageError(`${folder} has no configuration`, 'Put one .json or .yaml file for each chain into it.')
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false

/** The one address at which the process answers. */
function checkTogether(configs: readonly PlacedConfig[]): MonitorsOptions['address'] {
  const ids = configs.map(({ chain }) => chain.id)
  const twice = ids.find((id, i) => ids.indexOf(id) < i)
  if (twice !== undefined) {
    throw new UsageError(
      `two configurations are for chain ${twice}`,
      'Name each chain once: records and metrics have its id.',
    )
  }
  const places = new Set(configs.map(({ metrics: { host, port } }) => `${host}:${port}`))
  const [first] = configs
  if (first && places.size === 1) return first.metrics
  throw new UsageError(
    `the configurations have several addresses for metrics: ${[...places].join(', ')}`,
    'Write the same "metrics" in all of them: one process answers for all its chains.',
  )
}

/** What chains on the same tables share. */
type Shared = OpenStores & { readonly aws: AwsAccess; readonly metrics: () => Collector }

function openShared({ store }: PlacedConfig, chains: number, log: Log): Shared {
  const aws = awsOfCli(store)
  // A turn that the store blocks ends without an act, and the next one begins: the short default timeout applies.
  const open = openStores(store, { ...watching(chains), aws })
  let collector: Collector | undefined
  return {
    ...open,
    aws,
    metrics: () => (collector ??= collectMetrics(putMetricData({ aws }), systemClock, log)),
    close: async () => {
      await collector?.close()
      await open.close()
    },
  }
}

async function openChain(config: PlacedConfig, open: Shared, log: Log): Promise<WatchedChain> {
  const { stores, objects, aws } = open
  const { chain, cloudwatch } = config
  // A deployment repairs nodes itself, by an alarm on what its monitors write.
  const recovery = cloudwatch ? 'ask' : config.recovery
  // A monitor that only reports damage needs no engine, nor the right to read its secret.
  const nodes = recovery === 'auto' ? config.nodes : config.nodes.map(({ engine: _, ...node }) => node)
  const ports = chainPorts(config, { stores, objects, aws }, log)
  const readers = { env: process.env, parameter: aws.parameter }
  return {
    recovery,
    ports: await openBackfill({ ...config, nodes }, ports, readers),
    ...(cloudwatch && { cloudwatch: open.metrics().of(cloudwatch.baton, String(chain.id)) }),
  }
}

/** A line of one of several chains says which. */
function namingChain(log: Log, chain: number): Log {
  const named = (facts: object | undefined) => ({ chain: String(chain), ...facts })
  return {
    info: (message, facts) => log.info(message, named(facts)),
    warn: (message, facts) => log.warn(message, named(facts)),
    error: (message, facts) => log.error(message, named(facts)),
  }
}
