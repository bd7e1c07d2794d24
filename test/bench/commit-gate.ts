import { join } from 'node:path'
import type { CommitTimings } from '../../lib/gate/context.ts'
import { createGate } from '../../lib/gate/handle.ts'
import { serveGate } from '../../lib/gate/serve.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import { startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { dynamoClient } from '../../lib/store/dynamo/client.ts'
import { createTables } from '../../lib/store/dynamo/create-tables.ts'
import { dynamoHeads } from '../../lib/store/dynamo/stores.ts'
import { folderObjects } from '../../lib/store/objects/folder.ts'
import { defaultTableNames } from '../../lib/store/stores.ts'
import { blockOf } from '../gate/payloads.ts'

// The gate as a process of its own, started by a benchmark with a folder as its argument. It tells its
// URL, and when it is asked, where the time of the commits went and what memory it has.

/** What this process is asked. */
export type GateQuestion = 'timings' | 'memory'

/** What this process tells the one that started it. */
export type GateMessage =
  | { readonly url: string }
  | { readonly timings: CommitTimings[] }
  | { readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number } }

const folder = process.argv[2]
if (!process.send || !folder) throw new Error('this is started by a benchmark, with a folder')
const tell = (message: GateMessage) => process.send?.(message)

const database = await startEmbeddedDatabase({ file: join(folder, 'baton.db') })
const client = dynamoClient({ endpoint: database.endpoint })
await createTables(client, defaultTableNames, { streams: false })
const heads = dynamoHeads(client, defaultTableNames.heads)
await heads.write('901', seedHead(blockOf(0), 1, 0))
await heads.write('901', fence('a', 2, 0))

const timings: CommitTimings[] = []
const gate = createGate({
  heads,
  objects: folderObjects(join(folder, 'objects')),
  findSecrets: (chain, node) => (chain === '901' && node === 'a' ? ['secret-of-a'] : undefined),
  readyChain: '901',
  version: 'bench',
  metrics: { commit: (_, __, of) => void timings.push(of), call: () => {} },
})
const server = await serveGate(gate, { port: 0 })
process.on('message', (message) => {
  if (message === 'timings') return void tell({ timings: timings.splice(0) })
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  tell({ memory: { rss, heapUsed, external } })
})
process.once('disconnect', async () => {
  await server.close()
  client.destroy()
  await database.stop()
})
tell({ url: server.url })
