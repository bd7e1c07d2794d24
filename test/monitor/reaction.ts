import type { ChainPorts, NodePort } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { runMonitor } from '../../lib/monitor/run.ts'
import { switchover } from '../../lib/operator/switchover.ts'
import type { Block, Hash } from '../../lib/protocol/block.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { commit } from '../../lib/protocol/commit.ts'
import type { FailureClass, L2Block, Observation } from '../../lib/protocol/observation.ts'
import { defaultPolicy, type Policy, pollTimesOf } from '../../lib/protocol/policy.ts'
import type { Head } from '../../lib/protocol/records.ts'
import { memoryObjects, memoryStores } from '../../lib/store/memory/stores.ts'
import type { Stores } from '../../lib/store/stores.ts'
import { EPOCH, Scheduler } from '../simulation/scheduler.ts'

/** What happens to the leader: how its clients answer from then on. It commits nothing more, unless it is started again. */
export type Fault = {
  readonly consensus?: FailureClass
  readonly execution?: FailureClass
  /** It answers everything: its sequencer is off, or only claims to be on. */
  readonly answers?: 'stopped' | 'stalled'
  /** Nothing is wrong with it: an operator asks for a switchover to b, which may be one that starts and commits nothing. */
  readonly switchover?: 'fit' | 'dud'
  /** Its execution client was killed alone and is back at once, so many blocks short of its op-node. */
  readonly short?: bigint
  /** It commits all the same: only what it answers is amiss. */
  readonly commits?: true
  /** Nothing happens to it at all: only what surrounds the chain is amiss. */
  readonly none?: true
}

/** The faults of the table in docs/reaction.md. */
export const faults = {
  'op-node killed': { consensus: 'refused' },
  'op-geth killed': { execution: 'refused' },
  'op-reth killed, back without its newest blocks': { answers: 'stalled', short: 26n },
  'sequencer stopped': { answers: 'stopped' },
  'host lost': { consensus: 'timeout', execution: 'timeout' },
  'op-node frozen': { consensus: 'timeout' },
  'op-geth frozen': { execution: 'timeout' },
  'connections cut': { consensus: 'reset', execution: 'reset' },
  'killed behind a proxy': { consensus: 'proxy' },
  'answers, commits nothing': { answers: 'stalled' },
} satisfies Record<string, Fault>

/** Gossip; building a block that is overdue (ms). */
const [GOSSIP_MS, BUILD_MS] = [15, 50]

/** A pause of a whole monitor, as a garbage collection or a frozen host makes it: from when after the fault, how long. */
type Pause = { readonly monitor: number; readonly afterMs: number; readonly ms: number }

/** What surrounds the chain. Times in ms. */
export type World = {
  readonly nodes?: number
  readonly monitors?: number
  /** How far each monitor's clock is ahead of the nodes' and the gate's. */
  readonly skewMs?: readonly number[]
  /** One read or write of a store in another zone, for monitors; for the gate, beside the nodes. */
  readonly storeMs?: number
  readonly gateMs?: number
  /** One call to a node in another zone. */
  readonly callMs?: number
  /** How long `admin_startSequencer` takes beside that. */
  readonly startMs?: number
  readonly pauses?: readonly Pause[]
  /** Standbys that answer nothing from the beginning on. */
  readonly silent?: readonly string[]
}
/** As long as a call to a node that must act may take. */
const ACT_TIMEOUT_MS = 3_000
/** Blocks before the fault, and the time after it. */
const BEFORE = 12
const AFTER_MS = 40_000
const CHAIN = '901'

type Node = { readonly name: string; sequencing: boolean; fault: Fault | undefined; newest: L2Block }

const hashOf = (number: bigint): Hash => `0x${number.toString(16).padStart(64, '0')}`

/**
 * The real monitor, its decisions and acts on virtual time, beside nodes that are no more than what they answer.
 *
 * @param at when the fault strikes, as a part of a slot after a commit.
 * @returns when each block was committed (ms since the fault), and how the chain is.
 */
export async function react(
  blockTimeMs: number,
  fault: Fault,
  at: number,
  policy: Partial<Policy> = {},
  world: World = {},
) {
  const {
    storeMs = 8,
    gateMs = 8,
    callMs = 4,
    startMs = 0,
    monitors = 1,
    skewMs = [],
    pauses = [],
    silent = [],
  } = world
  const scheduler = new Scheduler()
  const stores = memoryStores()
  const commits: number[] = []
  const genesis = blockOf(0n, EPOCH)
  const nodes: Node[] = ['a', 'b', 'c', 'd', 'e'].slice(0, world.nodes ?? 3).map((name) => ({
    name,
    sequencing: false,
    fault: silent.includes(name) ? faults['host lost'] : undefined,
    newest: genesis,
  }))
  const settings = { ...defaultPolicy(blockTimeMs), ...policy }
  const wait = (ms: number) => new Promise<void>((resolve) => void scheduler.after(ms, resolve))
  let struckAt = Number.POSITIVE_INFINITY
  let before = 0

  /** One sequencer: a block when it is due, a commit, gossip; an overdue one is built at once. */
  const sequence = async (node: Node, started: L2Block) => {
    for (let parent = started; node.sequencing; ) {
      const due = stampOf(parent) + blockTimeMs
      await wait(Math.max(BUILD_MS, due - scheduler.now()))
      if (!node.sequencing || isStruck(node)) return
      const block = blockOf(parent.number + 1n, stampOf(parent) + blockTimeMs)
      await wait(gateMs)
      if (isStruck(node)) return
      const { payload: _, ...set } = commit(node.name, block, { payload: new Uint8Array() }, scheduler.now())
        .set as Head
      const write = commit(node.name, block, { payload: new Uint8Array() }, scheduler.now())
      const { applied } = await stores.heads.commit(CHAIN, { ...write, set })
      if (!applied) {
        // op-node throws the block away, and builds on what it has then.
        parent = node.newest
        continue
      }
      commits.push(scheduler.now())
      node.newest = block
      parent = block
      scheduler.after(GOSSIP_MS, () => {
        for (const other of nodes) if (other.newest.number < block.number) other.newest = block
      })
      // A chain that began late catches up first.
      if (before === 0 && commits.length >= BEFORE && stampOf(block) > scheduler.now() - blockTimeMs) {
        before = commits.length
        strikeAfter(node, at * blockTimeMs)
      }
    }
  }
  const strikeAfter = (node: Node, ms: number) =>
    scheduler.after(ms, () => {
      struckAt = scheduler.now()
      if (fault.none) return
      if (fault.switchover) return void switchover(operator, { to: 'b', by: 'ann' })
      node.fault = fault
      node.sequencing = fault.answers !== 'stopped' && node.sequencing
    })

  /** A process stands still: what it waited for comes once it goes on. */
  const held = async <T>(i: number, value: T): Promise<T> => {
    for (const { afterMs, ms } of pauses.filter(({ monitor }) => monitor === i)) {
      const since = scheduler.now() - struckAt - afterMs
      if (since >= 0 && since < ms) await wait(ms - since)
    }
    return value
  }
  const portOf = (node: Node): NodePort => ({
    observe: async (asked) => {
      const { fault: now } = node
      const silent = now?.consensus === 'timeout' || now?.execution === 'timeout'
      await wait(silent ? pollTimesOf(settings).probeMs : callMs)
      return observeAt(node, asked?.number, scheduler.now())
    },
    start: async () => {
      if (silent.includes(node.name)) return timeOut()
      await wait(callMs + gateMs + startMs)
      const head = await stores.heads.read(CHAIN)
      if (head?.leader !== node.name) return { outcome: 'refused', message: 'sequencer is not the leader' }
      if (node.sequencing) return { outcome: 'already-running' }
      node.fault = undefined
      node.newest = blockOf(head.number, stampOf(head))
      node.sequencing = true
      if (fault.switchover !== 'dud' || node.name !== 'b') void sequence(node, node.newest)
      return { outcome: 'started' }
    },
    stop: async () => {
      node.sequencing = false
      return node.newest.hash
    },
    post: () => wait(callMs),
    resetDerivation: async () => {},
    unsafe: async () => (silent.includes(node.name) ? timeOut() : node.newest),
    payload: async () => undefined,
    block: async (query) => ('number' in query && query.number <= node.newest.number ? node.newest : null),
  })
  const timeOut = async (): Promise<never> => {
    await wait(ACT_TIMEOUT_MS)
    throw new Error('no answer in time')
  }
  let suffix = 0
  const settled = { policy: settings, objects: memoryObjects(), log: silentLog, chain: { id: CHAIN, name: 'virtual' } }
  /** What a process reaches: a monitor by its number, the operator's command line as -1. */
  const portsOf = (i: number): ChainPorts => {
    const ports = new Map(nodes.map((node) => [node.name, delayed(portOf(node), (value) => held(i, value))]))
    return {
      ...slow(
        stores,
        () => wait(storeMs),
        (value) => held(i, value),
      ),
      ...settled,
      nodes: nodes.map(({ name }, k) => ({ name, zone: name, priority: 10 - k, noFailover: false })),
      port: (name) => ports.get(name) as NodePort,
      clock: {
        now: () => scheduler.now() + (skewMs[i] ?? 0),
        monotonic: () => scheduler.now(),
        sleep: async (ms) => held(i, await wait(ms)),
      },
      suffix: () => String(suffix++).padStart(6, '0'),
    }
  }
  const operator = portsOf(-1)
  await stores.heads.write(CHAIN, seedHead(genesis, 0, EPOCH))
  await stores.leases.write(CHAIN, seedLease('', 0, { kind: 'baton', name: 'baton' }, EPOCH))
  let paged = Number.POSITIVE_INFINITY
  const onTick = ({ decision }: { decision: { page: readonly unknown[] } }, active: boolean) => {
    if (active && decision.page.length > 0 && scheduler.now() > struckAt)
      paged = Math.min(paged, scheduler.now() - struckAt)
  }
  const { signal } = new AbortController()
  for (let i = 0; i < monitors; i++) void runMonitor(portsOf(i), { owner: `m${i}`, signal, onTick })
  await scheduler.run(EPOCH + (BEFORE + 3) * blockTimeMs + 5_000 + AFTER_MS)
  scheduler.halt()
  const history = (await stores.history.list(CHAIN, { limit: 1_000 })).toReversed()
  const leader = (await stores.heads.read(CHAIN))?.leader
  return {
    gapMs: Math.max(...commits.map((time, i) => (i < before ? 0 : time - (commits[i - 1] ?? time)))),
    blocks: commits.length - before,
    /** How long the chain has stood still at the end. */
    silentMs: scheduler.now() - (commits.at(-1) ?? 0),
    pagedMs: paged,
    leader,
    acts: history.map(({ what, node }) => (node ? `${what} ${node}` : what)),
    /** Grants since the fault, but the operator's own. */
    moves: history.filter(
      ({ what, at, reasons }) => what === 'grant' && at >= struckAt && reasons[0]?.code !== 'switchover',
    ),
    waits: (await stores.leases.read(CHAIN))?.switchover !== undefined,
  }
}

/** Moments of a slot at which each fault strikes. */
const MOMENTS = 8

/** The longest gap over faults at eight moments of a slot (ms). */
export async function worstGap(blockTimeMs: number, fault: Fault): Promise<number> {
  let worst = 0
  for (let i = 0; i < MOMENTS; i++) {
    const { gapMs, blocks } = await react(blockTimeMs, fault, i / MOMENTS)
    worst = Math.max(worst, blocks > 0 ? gapMs : Number.POSITIVE_INFINITY)
  }
  return worst
}

/** Slots without a block in a gap between two. */
export const missedIn = (gapMs: number, blockTimeMs: number): number => Math.round(gapMs / blockTimeMs - 1)

/** The block times of docs/reaction.md (ms). */
export const blockTimes = [2_000, 1_000, 250, 200] as const

/** The table of docs/reaction.md. */
export async function reactionTable(): Promise<string> {
  const rows = [`| fault on the leader | ${blockTimes.map((ms) => `${ms / 1_000} s blocks`).join(' | ')} |`]
  rows.push(`|---|${blockTimes.map(() => '---|').join('')}`)
  for (const [name, fault] of Object.entries(faults)) {
    const cells: string[] = []
    for (const ms of blockTimes) {
      const gap = await worstGap(ms, fault)
      cells.push(`${(gap / 1_000).toFixed(2)} s, ${missedIn(gap, ms)} missed`)
    }
    rows.push(`| ${name} | ${cells.join(' | ')} |`)
  }
  return rows.join('\n')
}

/** Whether it commits nothing more. */
const isStruck = ({ fault }: Node) => fault !== undefined && !fault.commits

/** The time a block is for, in ms: its stamp has whole seconds only. */
const stamps = new Map<Hash, number>()
const stampOf = (block: Block): number => stamps.get(block.hash) ?? EPOCH

function blockOf(number: bigint, stampMs: number): L2Block {
  const hash = hashOf(number)
  stamps.set(hash, stampMs)
  const l1Origin = { number: 1n, hash: hashOf(7n) }
  return {
    number,
    hash,
    parentHash: hashOf(number - (number > 0n ? 1n : 0n)),
    timestamp: BigInt(Math.floor(stampMs / 1_000)),
    l1Origin,
  }
}

function observeAt({ name, fault, newest, sequencing }: Node, asked: bigint | undefined, at: number): Observation {
  const failed = (failure: FailureClass) => ({ ok: false, failure, message: failure }) as const
  const l1 = { number: 50n, hash: hashOf(50n), timestamp: BigInt(Math.floor(at / 1_000)) }
  const active = sequencing || fault?.answers === 'stalled'
  const consensus = { sequencing: active, conductor: true, unsafe: newest, safe: newest, finalized: newest }
  return {
    node: name,
    at,
    consensus: fault?.consensus
      ? failed(fault.consensus)
      : { ok: true, value: { ...consensus, headL1: l1, currentL1: l1, peers: 2 } },
    execution: fault?.execution
      ? failed(fault.execution)
      : {
          ok: true,
          value: {
            latest: latestOf(newest, fault?.short),
            ...(asked !== undefined && { at: { number: asked, hash: asked <= newest.number ? hashOf(asked) : null } }),
            state: { ok: true },
          },
        },
  }
}

/** What a node answers, as a process that may stand still meanwhile receives it. */
function delayed(port: NodePort, held: <T>(value: T) => Promise<T>): NodePort {
  return {
    ...port,
    observe: async (asked) => held(await port.observe(asked)),
    start: async (hash) => held(await port.start(hash)),
    stop: async () => held(await port.stop()),
    post: async (envelope) => held(await port.post(envelope)),
    unsafe: async () => held(await port.unsafe()),
    block: async (query) => held(await port.block(query)),
  }
}

function latestOf({ number, hash }: L2Block, short = 0n) {
  if (short === 0n) return { number, hash }
  const left = number > short ? number - short : 0n
  return { number: left, hash: hashOf(left) }
}

/** The stores as they are from another zone. */
function slow(
  { heads, leases, history, monitorLease }: Stores,
  far: () => Promise<void>,
  held: <T>(value: T) => Promise<T>,
): Stores {
  const after = <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      await far()
      return held(await work(...args))
    }
  }
  return {
    heads: {
      read: after(heads.read),
      readWithPayload: after(heads.readWithPayload),
      commit: after(heads.commit),
      write: after(heads.write),
    },
    leases: { read: after(leases.read), write: after(leases.write) },
    history: { append: after(history.append), list: after(history.list) },
    monitorLease: {
      acquire: after(monitorLease.acquire),
      read: after(monitorLease.read),
      wait: after(monitorLease.wait),
      release: after(monitorLease.release),
    },
  }
}
