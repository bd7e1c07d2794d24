import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cdkErigon } from '../../lib/host/cdk-erigon.ts'
import { loadResequenceConfig, type ResequenceConfig } from '../../lib/operations/resequence/config.ts'
import type { Held } from '../../lib/operations/resequence/lease.ts'
import { openResequence } from '../../lib/operations/resequence/open.ts'
import { begin, type Request } from '../../lib/operations/resequence/operate.ts'
import { createRpc } from '../../lib/operations/resequence/rpc.ts'
import type { RunContext } from '../../lib/operations/resequence/run.ts'
import { readLastBlock, readTipBatch } from '../../lib/operations/resequence/zk-node.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import type { ObjectStore, Stores } from '../../lib/store/stores.ts'
import { startFollower } from './erigon/follower.ts'
import { type L1, manager, rollup, startL1 } from './erigon/l1.ts'
import type { Behaviour } from './erigon/model.ts'

const machine = fileURLToPath(new URL('erigon/machine.sh', import.meta.url))
/** One operator at a time: who else wants to carry a run opens a lease of its own. */
const FREE: Held = { owner: 'ada/at her desk', prove: async () => {} }

/** The kept batch of all runs. */
export const KEEP = 4n

/** A small network: the model sequencer on its machine, L1, one follower; and an operator who answers. */
export type World = {
  readonly folder: string
  readonly l1: L1
  readonly config: ResequenceConfig
  readonly stores: Stores
  readonly objects: ObjectStore
  readonly said: string[]
  /** Hears what a run says; sends the transaction it asks for. */
  readonly say: (message: string) => void
  /** How the sequencer behaves from its next start. */
  behave(change: Partial<Behaviour>): void
  setStuck(stuck: boolean): void
  /** Waits until the sequencer has built a batch more. */
  produces(): Promise<void>
  runContext(objects?: ObjectStore, signal?: AbortSignal, held?: Held): RunContext
  begin(wish: Partial<Request>): ReturnType<typeof begin>
  close(): void
}

/** Builds the network and waits until some batches are there. */
export async function buildWorld(store?: ResequenceConfig['store']): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'baton-resequence-'))
  const behaviour: Behaviour = { port: await freePort(), limit: 1_000, updates: false, blockMs: 12, version: '2026' }
  const behave = (change: Partial<Behaviour>) => {
    writeFileSync(join(folder, 'behaviour.json'), JSON.stringify(Object.assign(behaviour, change)))
  }
  behave({})
  install(folder)
  writeFileSync(join(folder, 'log'), '')
  writeFileSync(join(folder, 'l1-clients'), 'active\n')
  mkdirSync(join(folder, 'data'))
  execFileSync(machine, [folder, 'start', 'cdk-erigon', '--datadir=data'])
  const l1 = await startL1(folder)
  let stuck = false
  const follower = await startFollower(folder, () => stuck)
  const rpc = `http://127.0.0.1:${behaviour.port}`
  const configPath = join(folder, 'resequence.json')
  const json = describe(folder, rpc, follower.url, l1.url, store)
  writeFileSync(configPath, JSON.stringify(json))
  const config = await loadResequenceConfig(configPath)
  const node = createRpc('sequencer', rpc, 1_000)
  const tip = () => readTipBatch(node).catch(() => 0n)
  await until('eight batches', async () => (await tip()) >= 8n)
  l1.state.verified = 2
  const stores = memoryStores()
  const objects = memoryObjects()
  const said: string[] = []
  const say = (message: string) => {
    said.push(message)
    if (message.startsWith('send this transaction')) l1.rollBack(Number(KEEP))
  }
  const runContext: World['runContext'] = (own = objects, signal = new AbortController().signal, held = FREE) =>
    openResequence({ config, stores, objects: own, by: 'ada', say, signal, held })
  return {
    folder,
    l1,
    config,
    stores,
    objects,
    said,
    say,
    behave,
    setStuck: (value) => {
      stuck = value
    },
    async produces() {
      await until('it answers', async () => (await tip()) > 0n)
      const first = await tip()
      await until('a new batch', async () => (await tip()) > first)
    },
    runContext,
    async begin({ batch = KEEP, ...wish }) {
      const keep = { batch, hash: (await readLastBlock(node, batch)).hash }
      return begin(runContext(), { from: 'stream', strict: true, reuse: true, bad: [], by: 'ada', ...wish, keep })
    },
    close() {
      try {
        process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGKILL')
      } catch {}
      l1.close()
      follower.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A program of the model starts within a second, on a busy machine within twenty. */
async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`${what}: not within a minute`)
    await new Promise((r) => setTimeout(r, 20))
  }
}

/** The programs of the model, under the names the stack starts them by. */
function install(folder: string): void {
  mkdirSync(join(folder, 'bin'))
  for (const [name, source] of [['cdk-erigon', 'erigon'] as const, ['integration', 'integration'] as const]) {
    const path = join(folder, 'bin', name)
    const program = fileURLToPath(new URL(`erigon/${source}.ts`, import.meta.url))
    writeFileSync(path, `#!/bin/sh\ncd '${folder}' && exec '${process.execPath}' '${program}' "$@"\n`)
    chmodSync(path, 0o755)
  }
}

/** What a step of the stack starts, with its flags, on the data of the model. */
function programOf(name: keyof typeof cdkErigon): string[] {
  const words: readonly string[] = cdkErigon[name].lines.at(-1) ?? []
  return words.slice(words.lastIndexOf('--') + 1).map((word) => word.replace('=/var/lib/cdk-erigon', '=data'))
}

function describe(folder: string, rpc: string, follower: string, l1: string, store?: ResequenceConfig['store']) {
  const step = (name: string, ...words: string[]) => [name, [machine, folder, name, ...words]] as const
  const own = (name: keyof typeof cdkErigon) => step(name, ...programOf(name))
  const [grep = ''] = cdkErigon['read-log'].lines[0].filter((word) => word.startsWith('--grep='))
  const commands = Object.fromEntries([
    step('start', 'cdk-erigon', '--datadir=data'),
    step('stop'),
    step('processes'),
    ['flags', ['env', `PATH=${folder}/bin:${process.env.PATH}`, ...cdkErigon.flags.lines[0]]],
    own('start-halting'),
    own('start-resequencing'),
    own('start-resequencing-sealing'),
    own('start-recovery'),
    own('start-recovery-without'),
    own('unwind'),
    own('unwind-smt-v2'),
    own('database-end'),
    step('backup', '{stamp}'),
    step('compare-backup', '{stamp}'),
    step('restore', '{stamp}', '{aside}'),
    step('log-position'),
    step('read-log', '{after}', grep.slice('--grep='.length)),
    step('stop-l1-clients'),
    step('start-l1-clients'),
    step('l1-clients'),
  ])
  return {
    chain: { id: 779, name: 'model', erigon: 'dynamic-model' },
    sequencer: { rpc, host: { kind: 'shell', stack: 'cdk-erigon', commands } },
    followers: [{ name: 'rpc-1', rpc: follower }],
    l1: { rpc: l1, manager, rollup },
    store: store ?? { objects: { kind: 'folder', path: join(folder, 'objects') } },
    prefix: 8,
    mostParts: 16,
    patience: {
      rpcMs: 5_000,
      leaseMs: 1_500,
      pollMs: 20,
      startMs: 30_000,
      stopMs: 10_000,
      haltMs: 60_000,
      stallMs: 4_000,
      rollbackMs: 2_000,
      settleMs: 3_000,
      followersMs: 1_500,
      reachL1Ms: 3_000,
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
