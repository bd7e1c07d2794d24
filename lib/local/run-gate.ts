import { createGate } from '../gate/handle.ts'
import { type GateServer, serveGate } from '../gate/serve.ts'
import { type Archive, chainArchive } from '../store/archive.ts'
import { archiveCommits } from '../store/archive-commits.ts'
import type { ChainConfig } from '../store/config.ts'
import type { Log } from '../telemetry.ts'
import type { OpenStores } from './open-stores.ts'
import { version } from './version.ts'

/**
 * Serves the gate of a configured chain on its configured address. On a database of this machine
 * nobody reads the Heads stream, so the gate archives what it commits; on AWS the archiver does.
 */
export async function runGate(
  config: ChainConfig,
  open: Pick<OpenStores, 'stores' | 'objects' | 'endpoint'>,
  log: Log,
): Promise<GateServer> {
  const { objects, stores } = open
  const archives = new Map<string, Archive>()
  const archiveOf = (chain: string) => {
    const archive = archives.get(chain) ?? chainArchive(objects, chain)
    archives.set(chain, archive)
    return archive
  }
  const notArchived = (error: unknown, block: unknown) =>
    log.error('a committed block was not archived', { block, error })
  const archiving = open.endpoint === undefined ? undefined : archiveCommits(stores.heads, archiveOf, notArchived)
  const secrets = new Map(config.nodes.map((node) => [node.name, node.secrets]))
  const gate = createGate({
    heads: archiving ?? stores.heads,
    objects,
    findSecrets: (chain, node) => (chain === String(config.chain.id) ? secrets.get(node) : undefined),
    version,
    log,
  })
  const server = await serveGate(gate, config.gate)
  return {
    ...server,
    close: async () => {
      await server.close()
      await archiving?.settled()
    },
  }
}
