import { join } from 'node:path'
import { openDesk } from '../../lib/conductor/desk.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import type { CommitTimings } from '../../lib/gate/context.ts'
import { createGate } from '../../lib/gate/handle.ts'
import { serveGate } from '../../lib/gate/serve.ts'
import { silentLog } from '../../lib/log.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoStores } from '../../lib/store/dynamo/stores.ts'
import { folderObjects } from '../../lib/store/objects/folder.ts'
import { defaultTableNames } from '../../lib/store/stores.ts'
import { blockOf } from '../gate/payloads.ts'

// The gate as a process of its own, started by a benchmark with a folder as its argument. It sends its
// URL, and when it is asked, where the time of the commits went and what memory it has. With the address of a node as a
// second argument it also passes calls on to it.

/** What this process is asked. */
export type GateQuestion = 'timings' | 'memory'

/** What this process sends the one that started it. */
export type GateMessage =
  | { readonly url: string }
  | { readonly timings: CommitTimings[] }
  | { readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number } }

const [, , folder, node] = process.argv
if (!process.send || !folder) throw new Error('this is started by a benchmark, with a folder')
const send = (message: GateMessage) => process.send?.(message)

const database = await startEmbeddedDatabase({ file: join(folder, 'baton.db') })
const client = dynamoClient({ endpoint: database.endpoint })
await createTables(client, defaultTableNames, { streams: false })
const stores = dynamoStores(client, defaultTableNames)
const { heads } = stores
const objects = folderObjects(join(folder, 'objects'))
await heads.write('901', seedHead(blockOf(0), 1, 0))
await heads.write('901', fence('a', 2, 0))

/** Passes calls on to the node, which is trusted to be of this chain. */
function proxyTo(address: string) {
  const a = { name: 'a', zone: 'z', consensus: address, execution: address, secrets: ['secret-of-a'] }
  const config = parseConfig(JSON.stringify({ chain: { id: 901, name: 'bench', blockTime: 2 }, nodes: [a] }))
  const ports = chainPorts(config, { stores, objects }, silentLog)
  const port: typeof ports.port = (name) => ({ ...ports.port(name), prove: async () => {} })
  return openDesk({ ports: { ...ports, port }, nodes: config.nodes })
}

const timings: CommitTimings[] = []
const gate = createGate({
  heads,
  objects,
  findSecrets: (chain, node) => (chain === '901' && node === 'a' ? ['secret-of-a'] : undefined),
  ...(node !== undefined && { desk: proxyTo(node) }),
  readyChain: '901',
  version: 'bench',
  metrics: { commit: (_, __, of) => void timings.push(of), call: () => {} },
})
const server = await serveGate(gate, { port: 0 })
process.on('message', (message) => {
  if (message === 'timings') return void send({ timings: timings.splice(0) })
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  send({ memory: { rss, heapUsed, external } })
})
process.once('disconnect', async () => {
  await server.close()
  client.destroy()
  await database.stop()
})
send({ url: server.url })
