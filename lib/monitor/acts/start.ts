import { classify } from '../../chain/failure.ts'
import { collectPayloads, headPayload } from '../../context/payloads.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import { type BlockId, isNoBlock } from '../../protocol/block.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { StoreUnavailableError } from '../../store/errors.ts'

/** The outcome of bringing a node to the head; it adopts `posted` payloads a moment later. */
export type Ensured =
  | { readonly ensured: 'there' }
  /** It has not loaded its chain yet; ask again. */
  | { readonly ensured: 'loading' }
  | { readonly ensured: 'posted'; readonly count: number }
  /** Posting cannot bring it there; a person or a recovery workflow must. */
  | { readonly ensured: 'impossible'; readonly message: string }

/**
 * Why a node cannot build on a block that its op-node names: its execution client lacks the block, and op-node ignores
 * whatever is posted below its head. `undefined` = it has the block, or does not report it.
 */
export async function shortOf(port: NodePort, { number, hash }: BlockId): Promise<string | undefined> {
  const [has, held] = await Promise.all([port.unsafe(), port.block({ number })].map(noted))
  if (!has || has.number < number || held === undefined || held?.hash === hash) return undefined
  return `its op-node names block ${has.number}, and its execution client does not have block ${number} ${hash}`
}

/** A client that cannot be asked speaks neither for nor against a node. */
const noted = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined)

/** The most payloads posted, unless the policy allows a larger lag: all are held in memory, and the chain waits. */
const MOST_POSTED = 600n

/**
 * Brings a node's consensus client to the committed head: posts each payload it lacks, oldest first,
 * from the head item, the archive or a peer. A node on another branch is left alone.
 */
export async function ensure(ports: ChainPorts, node: NodeName, head: Head): Promise<Ensured> {
  const port = ports.port(node)
  const has: BlockId = await port.unsafe()
  if (isNoBlock(has.hash)) return { ensured: 'loading' }
  if (has.number >= head.number) {
    if (has.hash !== head.hash)
      return { ensured: 'impossible', message: `it is at block ${has.number} ${has.hash}, not at the committed head` }
    const short = await shortOf(port, head)
    return short === undefined ? { ensured: 'there' } : { ensured: 'impossible', message: short }
  }
  const behind = head.number - has.number
  const most = ports.policy.maxLag > MOST_POSTED ? ports.policy.maxLag : MOST_POSTED
  if (behind > most)
    return { ensured: 'impossible', message: `it is ${behind} blocks behind the head: "baton backfill ${node}"` }
  const chain = await collectPayloads(ports, head, has.number + 1n, node)
  if ('missing' in chain) {
    const { number, hash } = chain.missing
    return { ensured: 'impossible', message: chain.bad ?? `no source has the payload of block ${number} ${hash}` }
  }
  if (chain.parent !== has.hash) {
    return {
      ensured: 'impossible',
      message: `its block ${has.number} ${has.hash} is not an ancestor of the committed head`,
    }
  }
  for (const envelope of chain.envelopes) await port.post(envelope)
  return { ensured: 'posted', count: chain.envelopes.length }
}

/** What a person can do about a node that still refuses although it has been given everything. */
const ADVICE: Readonly<Record<string, string>> = {
  'head-mismatch': '; restart op-node if it stays so',
  'no-prestate': '; restart op-node if it stays so',
}

/** The outcome of a start. */
export type Started =
  | { readonly started: true; readonly posted: number; readonly tries: number }
  /** `overtaken`: the lease has another term or order by now; the node is not at fault. */
  | { readonly started: false; readonly message: string; readonly overtaken?: true }

/** Pause between two attempts to start: posting is asynchronous, and a fresh op-node has no prestate for a moment. */
const RETRY_MS = 50
/** Posting again helps only if the first posts were lost. */
const REPOST_MS = 700
/** Extra time for each block the node must adopt first (ms); and the most, while it adopts one after the other. */
const [PER_BLOCK_MS, PER_BLOCK_MOST_MS] = [30, 100]
/** However well it goes, a start ends after this long (ms): the chain waits, and so does the other monitor. */
const LONGEST_MS = 45_000

/**
 * Starts the leader's sequencer at the committed head. Brings the node there first if it lacks blocks. Bounded by
 * `timeoutMs` for a node that stands still, and by the blocks it lacks for one that moves; a newer term or order ends
 * it. A node that fails on the way counts as not started: if its error were rethrown, it would end the turn and leave
 * the node the term for ever.
 *
 * @param ordered whether the start may still be sent; asked before each request.
 * @throws StoreUnavailableError
 */
export async function start(
  ports: ChainPorts,
  node: NodeName,
  term: number,
  timeoutMs: number = ports.policy.verifyMs,
  ordered: () => Promise<boolean> = async () => true,
): Promise<Started> {
  try {
    return await bringUp(ports, node, term, timeoutMs, ordered)
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    return { started: false, message: classify(error).message }
  }
}

async function bringUp(
  ports: ChainPorts,
  node: NodeName,
  term: number,
  timeoutMs: number,
  ordered: () => Promise<boolean>,
): Promise<Started> {
  const { clock, heads, chain } = ports
  const head = await heads.readWithPayload(chain.id)
  if (head?.leader !== node || head.term !== term) return { started: false, message: `term ${term} is over` }
  const port = ports.port(node)
  // op-node would start, because it asks only its own memory, but would build no block.
  const short = await shortOf(port, head)
  if (short !== undefined) return { started: false, message: short }
  const began = clock.monotonic()
  let way: Way = { posted: 0, at: head.number, deadline: began + timeoutMs, latest: began + LONGEST_MS }
  let lookedAt = Number.NEGATIVE_INFINITY
  for (let tries = 1; ; tries++) {
    const { posted } = way
    if (!(await ordered())) return overtaken(tries - 1, posted)
    const { outcome, ...rest } = await port.start(head.hash)
    if (outcome === 'started') await wake(ports, node, head)
    if (outcome === 'started') return { started: true, posted, tries }
    // A sequencer of an earlier term that lacks the head commits nothing until it is given the head.
    if (outcome === 'already-running' && (await port.unsafe()).number >= head.number)
      return { started: true, posted, tries }
    if (outcome === 'refused') return { started: false, message: 'message' in rest ? rest.message : outcome }
    if (clock.monotonic() >= way.deadline) {
      const said = 'message' in rest && rest.message !== undefined ? `: ${rest.message}` : ''
      const message = `${outcome} after ${tries} tries, ${posted} payloads posted${said}${ADVICE[outcome] ?? ''}`
      return { started: false, message }
    }
    if (clock.monotonic() - lookedAt >= REPOST_MS) {
      if (!(await ordered())) return overtaken(tries, posted)
      const come = await bringOn(ports, node, head, way, timeoutMs)
      if (come && 'impossible' in come) return { started: false, message: come.impossible }
      if (come) lookedAt = clock.monotonic()
      way = come ?? way
    }
    await clock.sleep(RETRY_MS)
  }
}

const overtaken = (tries: number, posted: number): Started => ({
  started: false,
  overtaken: true,
  message: `given up after ${tries} tries, ${posted} payloads posted: an order or another term came first`,
})

/** How far a node has come on its way to the head, and how long a start waits for it (ms, monotonic). */
type Way = { readonly posted: number; readonly at: bigint; readonly deadline: number; readonly latest: number }

/** Gives a node what it lacks, or, while it takes what it was given, more time; `undefined` = it has yet to load its chain. */
async function bringOn(
  ports: ChainPorts,
  node: NodeName,
  head: Head,
  way: Way,
  timeoutMs: number,
): Promise<Way | { readonly impossible: string } | undefined> {
  const { clock } = ports
  if (way.posted > 0) {
    const { number: at } = await ports.port(node).unsafe()
    const deadline = Math.min(way.latest, Math.max(way.deadline, clock.monotonic() + timeoutMs))
    if (at > way.at) return { ...way, at, deadline }
  }
  const ensured = await ensure(ports, node, head)
  if (ensured.ensured === 'impossible') return { impossible: ensured.message }
  if (ensured.ensured === 'loading') return undefined
  if (ensured.ensured === 'there') return { ...way, at: head.number }
  const { count } = ensured
  const given = { posted: way.posted + count, at: head.number - BigInt(count) }
  if (way.posted > 0) return { ...way, ...given }
  // Its time begins now: to give it so many blocks takes a while, too.
  const within = (perBlockMs: number) => Math.min(way.latest, clock.monotonic() + timeoutMs + count * perBlockMs)
  return { ...given, deadline: within(PER_BLOCK_MS), latest: within(PER_BLOCK_MOST_MS) }
}

/**
 * op-node plans the first block of a started sequencer only at its driver's next event, which may be a whole L1 block
 * away. Posting the head it already has is such an event, and changes nothing.
 */
async function wake(ports: ChainPorts, node: NodeName, head: Head): Promise<void> {
  const { port, log } = ports
  try {
    const envelope = await headPayload(ports, head)
    if (envelope !== undefined) await port(node).post(envelope)
  } catch (error) {
    log.warn('the started sequencer could not be woken; it begins a little later', { node, error })
  }
}
