import { classify } from '../../chain/failure.ts'
import type { Memory } from '../../context/memory.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { recordSeries } from '../../context/record.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Command, View } from '../../protocol/decision.ts'
import { type Evidence, reason } from '../../protocol/reason.ts'
import type { NodeName } from '../../protocol/records.ts'
import { addAttempt, mayAct, seriesKey } from '../../protocol/series.ts'
import { nextPayloads } from './next-payloads.ts'
import { stillOrdered } from './still-ordered.ts'

/** Number of nodes topped up side by side: the chain's own requests come first. */
const AT_ONCE = 2
/** Blocks, and characters of JSON, that may wait in op-node's queue: it drops what does not fit. */
const WINDOW = 64
const WINDOW_CHARS = 32_000_000
/** One act ends after this many blocks, or this long (ms); the next turn decides again. */
const MOST_BLOCKS = 1_024
const MOST_MS = 10_000
/** op-node forgets its queue when it resets. One that takes nothing for this long (ms) is left to the next attempt. */
const NOTHING_MS = 3_000
const AGAIN_MS = 25

/** How far a node was brought; or why it cannot be brought further. */
type Fed = {
  readonly posted: number
  readonly at: BlockId
  readonly left: bigint
  readonly impossible?: string
  /** Another term or order came first. */
  readonly overtaken?: true
}

/**
 * Posts the committed blocks a standby lacks, oldest first and no faster than it takes them. The turn does not wait for
 * it: the next observations show the result.
 */
export function topUp(ports: ChainPorts, memory: Memory, view: View, command: Extract<Command, { act: 'top-up' }>) {
  const { head, lease } = view
  const { act, node, reasons } = command
  const now = { ...view, now: ports.clock.now(), acts: memory.acts }
  if (!head || !lease || memory.feeding.has(node) || memory.feeding.size >= AT_ONCE || !mayAct(now, act, node)) return
  memory.acts = { ...memory.acts, [seriesKey(act, node)]: addAttempt(now, act, node, head) }
  memory.feeding.add(node)
  const report = (code: 'topped-up' | 'top-up-failed', evidence: Evidence) => {
    const all = [reason(code, evidence, node), ...reasons]
    return recordSeries(ports, memory, { what: act, term: head.term, head: head.number, node, reasons: all })
  }
  feed(ports, memory, node, stillOrdered(ports, lease, memory.readAt))
    .then(({ posted, at, left, impossible: message, overtaken }) => {
      if (overtaken && posted === 0) return undefined
      return message === undefined
        ? report('topped-up', { blocks: posted, number: String(at.number), left: String(left) })
        : report('top-up-failed', { message })
    })
    .catch((error: unknown) => report('top-up-failed', { message: classify(error).message }))
    .finally(() => memory.feeding.delete(node))
}

/** Posts and polls until the node is at the head, its time is over, or it takes nothing more. */
async function feed(ports: ChainPorts, memory: Memory, node: NodeName, ordered: () => Promise<boolean>): Promise<Fed> {
  const { clock } = ports
  const port = ports.port(node)
  const began = clock.monotonic()
  let at = await port.unsafe()
  let newest = at
  let posted = 0
  let movedAt = began
  const outcome = () => ({ posted, at, left: leftOf(memory, at) })
  for (;;) {
    if (leftOf(memory, at) === 0n) {
      noteRound(memory, node)
      return outcome()
    }
    const now = clock.monotonic()
    const over = now - began >= MOST_MS || posted >= MOST_BLOCKS
    if ((over && at.number >= newest.number) || now - movedAt >= NOTHING_MS) return outcome()
    const room = WINDOW - Number(newest.number - at.number)
    if (!over && room >= WINDOW / 2 && leftOf(memory, newest) > 0n) {
      const given = await post(ports, memory, node, newest, room, ordered)
      if ('impossible' in given) return { ...outcome(), ...given }
      posted += given.posted
      newest = given.newest
      if (given.overtaken) return { ...outcome(), overtaken: true }
    }
    await clock.sleep(AGAIN_MS)
    const seen = await port.unsafe()
    if (seen.hash !== at.hash) movedAt = clock.monotonic()
    at = seen
    if (at.number > newest.number) newest = at
  }
}

/** Blocks up to the head, as the monitor's turns see it. */
function leftOf({ head }: Memory, { number }: BlockId): bigint {
  return head && head.number > number ? head.number - number : 0n
}

type Given = { readonly posted: number; readonly newest: BlockId; readonly overtaken?: true }

/** Posts the blocks after `newest`, as many as there is room for. */
async function post(
  ports: ChainPorts,
  memory: Memory,
  node: NodeName,
  newest: BlockId,
  room: number,
  ordered: () => Promise<boolean>,
): Promise<Given | { readonly impossible: string }> {
  const head = await ports.heads.readWithPayload(ports.chain.id)
  // The leader's start brings it to the head.
  if (!head || head.leader === node) return { impossible: 'it is the leader now' }
  if (head.number <= newest.number) return { posted: 0, newest }
  const next = await nextPayloads(ports, head, newest, { most: room, node })
  if ('impossible' in next) return next
  let given: Given = { posted: 0, newest }
  let chars = 0
  for (const { block, envelope } of next.payloads) {
    chars += envelope.length
    if (chars > WINDOW_CHARS && given.posted > 0) break
    if (!(await ordered())) return { ...given, overtaken: true }
    await ports.port(node).post(envelope)
    given = { posted: given.posted + 1, newest: block }
    noteGiven(memory, node, block, ports.clock.now())
  }
  return given
}

/** Records what a node was given: it did not take these blocks from its peers. */
function noteGiven(memory: Memory, node: NodeName, { number }: BlockId, now: number): void {
  const known = memory.observed[node]
  if (!known) return
  const { since = known.history?.stillSince ?? now, rounds = 0 } = known.fed ?? {}
  memory.observed[node] = { ...known, fed: { since, upTo: number, rounds } }
}

/** Records that it was brought to the head. */
function noteRound(memory: Memory, node: NodeName): void {
  const known = memory.observed[node]
  if (known?.fed) memory.observed[node] = { ...known, fed: { ...known.fed, rounds: known.fed.rounds + 1 } }
}
