import { type BlockId, isNoBlock } from '../protocol/block.ts'
import type { View } from '../protocol/decision.ts'
import { configuredChainId, judgeFleet, mask } from '../protocol/identity.ts'
import type { Tip } from '../protocol/l1.ts'
import type { Observation } from '../protocol/observation.ts'
import { forgetEnds, forgetFailedStart, remember } from '../protocol/observed-node.ts'
import { pollTimesOf } from '../protocol/policy.ts'
import type { Head, HistoryRecord, Lease } from '../protocol/records.ts'
import { above, publishers } from '../protocol/uncommitted.ts'
import { answering } from '../protocol/witnesses.ts'
import { type Memory, watchGateClock } from './memory.ts'
import type { ChainPorts } from './ports.ts'

/**
 * Observes all nodes side by side, then reads lease and head. The order matters: a node can only show blocks that were
 * committed before, so no honest node can be ahead of the head read here.
 *
 * @throws StoreUnavailableError when the records cannot be read; then nothing is decided.
 */
export async function observeChain(ports: ChainPorts, memory: Memory): Promise<View> {
  const asked = memory.head ?? memory.lowest
  const gate = ports.gate?.()
  const samples = await Promise.all(
    ports.nodes.map(({ name }) => ports.port(name).observe(asked, isBrief(memory, name))),
  )
  const before = { ...memory.observed }
  noteSamples(ports, memory, samples, asked)
  const judgedBy = memory.genesis
  let view = await readRecords(ports, memory, {
    ...(asked && { asked }),
    ...(memory.chain && { linked: memory.chain.blocks }),
  })
  if (memory.genesis !== judgedBy) {
    // A process that begins took the quorum of another chain's nodes for ours: the records know better.
    for (const { name } of ports.nodes) {
      delete memory.observed[name]
      if (before[name]) memory.observed[name] = before[name]
    }
    noteSamples(ports, memory, samples, asked)
    view = { ...view, observed: { ...memory.observed } }
  }
  notePublishers(memory, view)
  const shown = await askAbove(ports, view)
  const answered = await gate
  // Another monitor may have seeded in the meantime, which left the traces: read the head once more.
  const lost = !view.head && !view.lease && (await hasTraces(ports)) && !(await ports.heads.read(ports.chain.id))
  const l1 = ports.l1?.latest(tipOf(view))
  const builders = ports.builders?.latest()
  return {
    ...view,
    observed: { ...memory.observed },
    ...(shown && { shown }),
    ...(answered && { gate: answered }),
    ...(l1 && { l1 }),
    ...(builders && { builders }),
    ...(lost && { lostRecords: true }),
  }
}

/** Judges the nodes that were observed, and remembers what they answered. */
function noteSamples(
  ports: ChainPorts,
  memory: Memory,
  samples: readonly Observation[],
  asked: BlockId | undefined,
): void {
  const known = identify(ports, memory, samples)
  for (const { sample, standing } of known)
    memory.observed[sample.node] = remember(memory.observed[sample.node], sample, standing)
  const taken = known.map(({ sample }) => sample)
  noteChain(memory, taken, asked)
  noteStill(memory, taken, ports.clock.monotonic())
}

/** Records nodes that publish without commits: the chains may agree again long before such a client is replaced. */
function notePublishers(memory: Memory, view: View): void {
  for (const { node, published } of publishers(view)) {
    const known = memory.observed[node]
    if (known && !known.published) memory.observed[node] = { ...known, published }
  }
}

/** Every tenth tick asks for peers and versions: no decision rests on them. */
const FULL_LOOK = 10

/** Whether an observation may leave them out: they are known, and the node has answered since. */
function isBrief({ ticks, observed }: Memory, node: string): boolean {
  const { consensus, execution } = observed[node]?.observation ?? {}
  return ticks % FULL_LOOK !== 0 && consensus?.ok === true && execution?.ok === true
}

/** Whether Baton ever ran this chain: its history or its archive has a trace. */
async function hasTraces({ chain, history, objects }: ChainPorts): Promise<boolean> {
  const [acts, payloads] = await Promise.all([
    history.list(chain.id, { limit: RECORDS }),
    objects.list?.(`${chain.id}/payloads/`) ?? [],
  ])
  return acts.some(isTrace) || payloads.length > 0
}

/** Number of newest history records searched for an act. */
const RECORDS = 50

/** A page from before any record existed says nothing about records, unless it says that the records were lost. */
const isTrace = ({ what, term, head, reasons }: HistoryRecord): boolean =>
  (what !== 'page' && what !== 'page-over') ||
  term > 0 ||
  head > 0n ||
  reasons.some(({ code }) => code === 'records-lost')

/** The newest block whose L1 origin is known: the committed head, or what a node has. */
export function tipOf({ head, observed }: View): Tip | undefined {
  if (head?.l1Origin) return { number: head.number, timestamp: head.timestamp, l1Origin: head.l1Origin }
  // Take the median: a single node's number must not decide what L1 is asked about.
  const loaded = answering({ observed: observed })
    .map(({ at }) => at.unsafe)
    .filter(isLoaded)
    .toSorted((a, b) => (a.number < b.number ? -1 : 1))
  return loaded[Math.floor((loaded.length - 1) / 2)]
}

/** Asks L1 and waits at most `withinMs`; an early answer ends the timer, so that it does not keep the process alive. */
export async function observeL1({ l1, clock }: ChainPorts, tip: Tip | undefined, withinMs: number): Promise<void> {
  if (!l1) return
  const answered = new AbortController()
  await Promise.race([l1.observe(tip).finally(() => answered.abort()), clock.sleep(withinMs, answered.signal)])
}

/** Observes one node again after an act on it. */
export async function observeNode(ports: ChainPorts, memory: Memory, node: string): Promise<void> {
  const taken = await ports.port(node).observe(memory.head)
  for (const { sample, standing } of identify(ports, memory, [taken]))
    memory.observed[node] = remember(memory.observed[node], sample, standing)
}

/** Judges the sampled nodes beside those sampled before, and masks what a stranger answered. */
function identify({ chain, nodes, policy, clock }: ChainPorts, memory: Memory, samples: readonly Observation[]) {
  const identities = new Map(samples.map(({ node, identity }) => [node, identity]))
  const seen = nodes.map(({ name }) => {
    const identity = identities.has(name) ? identities.get(name) : memory.observed[name]?.observation.identity
    return [name, identity] as const
  })
  const { standings, genesis, rollups } = judgeFleet({
    seen: Object.fromEntries(seen),
    chainId: configuredChainId(chain.id),
    genesis: memory.genesis,
    rollups: memory.rollups,
    leader: memory.read?.leader,
    blockTimeMs: policy.blockTimeMs,
    now: clock.now(),
  })
  if (genesis) memory.genesis = genesis
  memory.rollups = rollups
  return samples.map((sample) => {
    const standing = standings[sample.node]
    return standing ? { sample: mask(sample, standing), standing } : { sample, standing: undefined }
  })
}

/** Two reads of the records with no longer between them (ms), or than two reads take, show when a head came. */
const SOON_MS = 100
/** A read whose answer comes later than this (ms) is done once more: a pause of this process may have kept it. */
const STOOD_STILL_MS = 1_000

/** Reads lease and head into a view over the observations already taken. */
export async function readRecords(ports: ChainPorts, memory: Memory, kept: Partial<View>): Promise<View> {
  const { chain, policy, nodes, clock, heads, leases } = ports
  const last = memory.head
  memory.readAt = clock.monotonic()
  const sinceMs = memory.readAt - (memory.headReadAt ?? Number.NEGATIVE_INFINITY)
  const lease = await leases.read(chain.id)
  const askedAt = clock.now()
  const began = clock.monotonic()
  let head = await heads.read(chain.id)
  // A process that stood still meanwhile knows what was, not what is.
  if (clock.monotonic() - began > STOOD_STILL_MS) head = await heads.read(chain.id)
  noteGenesis(memory, lease)
  const now = clock.now()
  memory.headReadAt = clock.monotonic()
  const soon = sinceMs <= Math.max(SOON_MS, 2 * (memory.headReadAt - began))
  noteHead(memory, head, memory.headReadAt)
  for (const name of Object.keys(lease?.quarantine ?? {})) {
    const known = memory.observed[name]
    if (known) memory.observed[name] = forgetEnds(known)
  }
  const leader = head && head.committedTerm === head.term ? memory.observed[head.leader] : undefined
  const blockSeenAt = memory.block && now - (clock.monotonic() - memory.block.seenAt)
  // The leader has committed a block since: the failed start no longer matters.
  if (head && leader?.failedStart && (blockSeenAt ?? 0) > leader.failedStart.at)
    memory.observed[head.leader] = forgetFailedStart(leader)
  watchGateClock(memory, head, askedAt, now, policy.blockTimeMs)
  const store = ports.serverClock?.()
  return {
    ...kept,
    now,
    policy,
    nodes,
    observed: { ...memory.observed },
    ...(head && { head }),
    ...(lease && { lease }),
    ...(memory.genesis && { genesis: memory.genesis }),
    ...(!head && memory.still && { stillSince: now - (clock.monotonic() - memory.still.since) }),
    // Measured on the monotonic clock: a clock set ahead must not make the leader late.
    ...(memory.head && { headSeenAt: now - (clock.monotonic() - memory.head.seenAt) }),
    ...(blockSeenAt !== undefined && { blockSeenAt }),
    headJustCame: soon && last !== undefined && last.term === head?.term && last.number < head.number,
    acts: memory.acts,
    ...((store || memory.gateClock || memory.blockClock) && {
      clocks: {
        ...(store && { store }),
        ...(memory.gateClock && { gate: memory.gateClock }),
        ...(memory.blockClock && { blocks: memory.blockClock }),
      },
    }),
  }
}

/** The recorded genesis prevails over that of the nodes which answer. */
function noteGenesis(memory: Memory, lease: Lease | undefined): void {
  if (lease?.genesis) memory.genesis = lease.genesis
}

function noteHead(memory: Memory, head: Head | undefined, now: number): void {
  if (!head) delete memory.block
  else if (memory.block?.hash !== head.hash) memory.block = { hash: head.hash, seenAt: now }
  if (!head) delete memory.head
  else if (memory.head?.hash !== head.hash || memory.head.term !== head.term) {
    memory.head = { number: head.number, hash: head.hash, term: head.term, seenAt: now }
  }
}

/** Records since when all nodes show the same blocks: a node that derives or is given blocks moves. */
function noteStill(memory: Memory, samples: readonly Observation[], now: number): void {
  const shown = samples.map(({ consensus, execution }) => {
    const { unsafe, safe, sequencing } = consensus.ok ? consensus.value : {}
    return `${unsafe?.hash} ${safe?.hash} ${sequencing} ${execution.ok && execution.value.latest.hash}`
  })
  const all = shown.join(', ')
  if (memory.still?.shown !== all) memory.still = { shown: all, since: now }
}

/** A node that has not loaded its chain yet reports a head of zeros. */
const isLoaded = ({ hash }: BlockId) => !isNoBlock(hash)

/** Records whether the node with the highest head has the block asked for, and which block to ask for next. */
function noteChain(memory: Memory, samples: readonly Observation[], asked: BlockId | undefined): void {
  const loaded = samples
    .flatMap(({ consensus, execution }) => (consensus.ok ? [{ head: consensus.value.unsafe, execution }] : []))
    .filter(({ head }) => isLoaded(head))
    .toSorted((a, b) => (a.head.number < b.head.number ? -1 : 1))
  const highest = loaded.at(-1)
  if (!highest) return
  const { head, execution } = highest
  const known = memory.chain?.end === head.hash ? memory.chain.blocks : [head.hash]
  const has = asked && execution.ok && execution.value.at?.hash === asked.hash && !known.includes(asked.hash)
  const blocks = has ? [...known, asked.hash] : known
  memory.chain = { end: head.hash, blocks }
  const next = loaded.find((node) => !blocks.includes(node.head.hash))?.head ?? loaded[0]?.head ?? head
  memory.lowest = { number: next.number, hash: next.hash }
}

/**
 * Asks the only node that names a block above the committed head to show it. The number alone must not block a
 * failover, and a block that exists must not be replaced. Bounded like an observation.
 */
export async function askAbove({ port, clock, policy }: ChainPorts, view: View): Promise<View['shown']> {
  const [only, ...others] = above(view)
  const { head } = view
  if (!only || !head || others.length > 0) return undefined
  const asked = port(only.node).showsAbove?.(only.block, head)
  if (!asked) return undefined
  const how = await Promise.race([asked, clock.sleep(pollTimesOf(policy).probeMs)])
  return { node: only.node, hash: only.block.hash, how: how ?? 'unknown' }
}
