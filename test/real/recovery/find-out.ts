import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Devnet } from '../devnet/devnet.ts'
import type { StorageOptions } from '../devnet/execution.ts'
import type { Host } from '../devnet/host.ts'
import { rpc } from '../devnet/rpc.ts'
import { pause, until } from '../devnet/wait.ts'

// What op-geth leaves behind when it is killed, by how it keeps the chain: one chain, followed by hosts
// that each keep it their own way, all killed at the same moment and started again. Prints a table.
//   node test/real/recovery/find-out.ts --blocks 60 [--alone] [--p2p]
const { values } = parseArgs({
  options: {
    blocks: { type: 'string', default: '60' },
    /** Only the execution clients are killed; op-node goes on. */
    alone: { type: 'boolean', default: false },
    p2p: { type: 'boolean', default: false },
  },
})

const ways: readonly (readonly [name: string, storage: StorageOptions])[] = [
  ['the sequencer (hash, archive, leveldb)', { scheme: 'hash', gcmode: 'archive', engine: 'leveldb' }],
  ['path, full, pebble', { scheme: 'path', gcmode: 'full' }],
  ['path, archive, pebble', { scheme: 'path', gcmode: 'archive' }],
  ['path, full, leveldb', { scheme: 'path', gcmode: 'full', engine: 'leveldb' }],
  ['hash, full, pebble', { scheme: 'hash', gcmode: 'full' }],
  ['hash, full, leveldb', { scheme: 'hash', gcmode: 'full', engine: 'leveldb' }],
  ['hash, archive, pebble', { scheme: 'hash', gcmode: 'archive' }],
]

const number = async (host: Host, tag: string) =>
  rpc<{ number: string; hash: string } | null>(host.executionUrl, 'eth_getBlockByNumber', [tag, false])
    .then((block) => (block ? Number(block.number) : 'none'))
    .catch((error: Error) => error.message.slice(0, 60))

const state = async (host: Host, block: string) =>
  rpc<string>(host.executionUrl, 'eth_getBalance', ['0x4200000000000000000000000000000000000016', block])
    .then(() => 'reads')
    .catch((error: Error) => error.message.replace(/^eth_getBalance: /, '').slice(0, 50))

const hex = (n: number) => `0x${n.toString(16)}`

const devnet = await Devnet.create({
  hosts: ways.length,
  blockTime: 1,
  conductorRpc: () => undefined,
  storage: (index) => ways[index]?.[1] ?? {},
})
const rows: string[] = []
try {
  await devnet.start()
  await devnet.startSequencer(0)
  const [sequencer, ...followers] = devnet.hosts
  if (!sequencer) throw new Error('no host')
  const target = Number(values.blocks)
  await until('enough blocks', async () => !!(await sequencer.execution.hashAt(target)), { within: 120_000 })
  await Promise.all(
    followers.map((host) =>
      until(`${host.name} follows`, async () => (await host.execution.hashAt(target)) !== undefined),
    ),
  )
  const lengths = new Map(followers.map((host) => [host, readFileSync(host.logs['op-node'], 'utf8').length]))
  const had = new Map<Host, number | string>()
  await Promise.all(followers.map(async (host) => had.set(host, await number(host, 'latest'))))
  await Promise.all(followers.map((host) => (values.alone ? host.killExecution() : host.kill())))
  await Promise.all(followers.map((host) => host.startExecution()))
  for (const host of followers) {
    const way = ways[host.index]?.[0]
    const head = Number(had.get(host))
    const latest = await number(host, 'latest')
    const stored = []
    for (const at of [1, Math.floor(head / 2), head - 10, head - 5, head - 1, head]) {
      if (at > 0)
        stored.push(`${at}: ${(await number(host, hex(at))) === 'none' ? 'none' : await state(host, hex(at))}`)
    }
    rows.push(
      [
        way,
        head,
        latest,
        await number(host, 'safe'),
        await number(host, 'finalized'),
        await state(host, 'latest'),
        stored.join('; '),
      ].join(' | '),
    )
  }
  const exits = new Map<Host, number>()
  const ended = Date.now() + 25_000
  await Promise.all(
    followers.map(async (host) => {
      exits.set(host, 0)
      if (!values.alone) await host.startOpNode({ p2p: values.p2p }).catch(() => exits.set(host, 1))
      while (Date.now() < ended) {
        await pause(500)
        if (host.opNode.process.running) continue
        exits.set(host, (exits.get(host) ?? 0) + 1)
        await host.startOpNode({ p2p: values.p2p }).catch(() => undefined)
      }
    }),
  )
  for (const [index, host] of followers.entries()) {
    const log = readFileSync(host.logs['op-node'], 'utf8').slice(lengths.get(host))
    const said = [
      ...new Set(
        [...log.matchAll(/msg="(Critical error|[^"]*(?:invalid|missing|reset|diverge)[^"]*)"/gi)].map(([, m]) => m),
      ),
    ]
    rows[index] +=
      ` | exits ${exits.get(host)}, latest ${await number(host, 'latest')}, of ${await number(sequencer, 'latest')} | ${said.slice(0, 6).join(' · ')}`
  }
  console.log('way | had | latest | safe | finalized | state at latest | stored | op-node | said')
  console.log(rows.join('\n'))
  console.log('logs', devnet.folder.logs)
} finally {
  await devnet.stop()
}
