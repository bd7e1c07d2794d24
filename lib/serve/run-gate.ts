import { openDesk } from '../conductor/desk.ts'
import type { ChainConfig } from '../config/chain-config.ts'
import { chainPorts } from '../context/chain-ports.ts'
import { systemClock } from '../context/ports.ts'
import { createGate } from '../gate/handle.ts'
import { type GateServer, serveGate } from '../gate/serve.ts'
import type { Log } from '../log.ts'
import { gateMetrics } from '../prometheus/gate-metrics.ts'
import { type Metrics, openMetrics } from '../prometheus/registry.ts'
import { type Archive, chainArchive } from '../store/archive.ts'
import { archiveCommits, reconcileArchive } from '../store/archive-commits.ts'
import { BadPayloadError, recordOf } from '../store/errors.ts'
import { inlineBytesOnAws } from '../store/payload.ts'
import type { HeadStore, HistoryStore } from '../store/stores.ts'
import { version } from '../version.ts'
import { type LeaderFeed, leaderFeed } from './leader-feed.ts'
import type { OpenStores } from './open-stores.ts'
import { leaderRoutes, metricsRoute } from './routes.ts'

/**
 * Serves the gate of a configured chain on its configured address. On a local database nothing reads the Heads stream,
 * so the gate archives its own commits; on AWS the archiver does. Beside the RPC it serves `/metrics`, `/leader` and
 * `/leader/events`; `shared`: with the metrics and the feed of a process that runs a monitor, too.
 */
export async function runGate(
  config: ChainConfig,
  open: Pick<OpenStores, 'stores' | 'objects' | 'endpoint'>,
  log: Log,
  shared: { readonly metrics?: Metrics; readonly feed?: LeaderFeed } = {},
): Promise<GateServer> {
  const { objects, stores } = open
  const archives = new Map<string, Archive>()
  const archiveOf = (chain: string) => {
    const archive = archives.get(chain) ?? chainArchive(objects, chain)
    archives.set(chain, archive)
    return archive
  }
  const reportBad = badPayloadReporter(stores.history, log)
  const notArchived = (error: unknown, block: unknown) => {
    log.error('a committed block was not archived', { block, error })
    reportBad(error)
  }
  const archiving = open.endpoint === undefined ? undefined : archiveCommits(stores.heads, archiveOf, notArchived)
  const chain = String(config.chain.id)
  const metrics = shared.metrics ?? openMetrics(chain, ['gate'])
  const feed = shared.feed ?? leaderFeed({ chain, heads: stores.heads, leases: stores.leases, clock: systemClock })
  const secrets = new Map(config.nodes.map((node) => [node.name, node.secrets]))
  const { readers: reader = [], batchers: batcher = [], operators: operator = [] } = config.gate
  const gate = createGate({
    heads: archiving ?? stores.heads,
    objects,
    ...(config.store?.objects.kind === 's3' &&
      archiving === undefined && { inlineBytes: () => inlineBytesOnAws(config.chain.blockTimeMs) }),
    findSecrets: (asked, node) => (asked === chain ? secrets.get(node) : undefined),
    findRoleSecrets: (asked) => (asked === chain ? { reader, batcher, operator } : undefined),
    desk: openDesk({ ports: chainPorts(withoutMachines(config), open, log), nodes: config.nodes }),
    rootChain: chain,
    readyChain: chain,
    version,
    log,
    metrics: gateMetrics(metrics),
  })
  const leader = leaderRoutes(feed, (count) => metrics.set('baton_leader_event_readers', {}, count))
  const scrape = metricsRoute(metrics)
  const server = await serveGate(gate, {
    ...config.gate,
    beside: (request, response) => scrape(request, response) || leader.route(request, response),
  })
  if (archiving) void nameGap(stores.heads, archiveOf(chain), chain, log, reportBad)
  return {
    ...server,
    close: async () => {
      leader.close()
      await server.close()
      await archiving?.settled()
    },
  }
}

/** The gate looks at nodes; it runs nothing on their machines, and asks no L1. */
function withoutMachines({ l1: _, ...config }: ChainConfig): ChainConfig {
  return { ...config, nodes: config.nodes.map(({ host: _, engine: __, ...node }) => node) }
}

/** How far back a starting gate searches for a gap in the archive: what a failover could need. */
const RECONCILED_BLOCKS = 600n

/** Archives the head that an earlier run may have left behind, and reports the first missing block. */
async function nameGap(
  heads: HeadStore,
  archive: Archive,
  chain: string,
  log: Log,
  reportBad: (error: unknown) => void,
): Promise<void> {
  try {
    const missing = await reconcileArchive(heads, archive, chain, RECONCILED_BLOCKS)
    if (missing) log.warn('the archive begins, or has a gap, after this block', { chain, block: missing })
  } catch (error) {
    log.warn('the archive could not be checked', { chain, error })
    reportBad(error)
  }
}

/** Records a committed block whose stored payload is not that block, as the archiver does on AWS. */
function badPayloadReporter(history: HistoryStore, log: Log): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof BadPayloadError)) return
    history
      .append(recordOf(error))
      .catch((thrown: unknown) => log.error('history record not written', { error: thrown }))
  }
}
