import { classify } from '../../chain/failure.ts'
import type { Memory } from '../../context/memory.ts'
import { collectPayloads } from '../../context/payloads.ts'
import type { ChainPorts } from '../../context/ports.ts'
import { recordSeries } from '../../context/record.ts'
import type { BlockId } from '../../protocol/block.ts'
import type { Command, View } from '../../protocol/decision.ts'
import { type Evidence, reason } from '../../protocol/reason.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { addAttempt, mayAct, seriesKey } from '../../protocol/series.ts'
import { type Archive, chainArchive } from '../../store/archive.ts'
import { blockOfEnvelope } from '../../store/payload.ts'

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
type Fed = { readonly posted: number; readonly at: BlockId; readonly left: bigint; readonly impossible?: string }

/**
 * Posts the committed blocks a standby lacks, oldest first and no faster than it takes them. The turn does not wait for
 * it: the next observations show the result.
 */
export function topUp(ports: ChainPorts, memory: Memory, view: View, command: Extract<Command, { act: 'top-up' }>) {
  const { head } = view
  const { act, node, reasons } = command
  const now = { ...view, now: ports.clock.now(), acts: memory.acts }
  if (!head || memory.feeding.has(node) || memory.feeding.size >= AT_ONCE || !mayAct(now, act, node)) return
  memory.acts = { ...memory.acts, [seriesKey(act, node)]: addAttempt(now, act, node, head) }
  memory.feeding.add(node)
  const tell = (code: 'topped-up' | 'top-up-failed', evidence: Evidence) => {
    const all = [reason(code, evidence, node), ...reasons]
    return recordSeries(ports, memory, { what: act, term: head.term, head: head.number, node, reasons: all })
  }
  feed(ports, memory, node)
    .then(({ posted, at, left, impossible: message }) =>
      message === undefined
        ? tell('topped-up', { blocks: posted, number: String(at.number), left: String(left) })
        : tell('top-up-failed', { message }),
    )
    .catch((error: unknown) => tell('top-up-failed', { message: classify(error).message }))
    .finally(() => memory.feeding.delete(node))
}

/** Posts and polls until the node is at the head, its time is over, or it takes nothing more. */
async function feed(ports: ChainPorts, memory: Memory, node: NodeName): Promise<Fed> {
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
      const given = await post(ports, memory, node, newest, room)
      if ('impossible' in given) return { ...outcome(), ...given }
      posted += given.posted
      newest = given.newest
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

type Given = { readonly posted: number; readonly newest: BlockId }

/** Posts the blocks after `newest`, as many as there is room for. */
async function post(
  ports: ChainPorts,
  memory: Memory,
  node: NodeName,
  newest: BlockId,
  room: number,
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

/** A committed payload (JSON text) and its block. */
type CommittedPayload = { readonly block: BlockId; readonly envelope: string }

/** The committed payloads right above a block, oldest first; or why there are none. */
export type NextPayloads = { readonly payloads: readonly CommittedPayload[] } | { readonly impossible: string }

/** This near the head, the chain is followed from the head downwards: the newest blocks may not be archived yet. */
const NEAR = 64n
/** Further below the head, that would hold too much in memory. */
const MOST_COLLECTED = 600n
/** Number of payloads read from the archive side by side. */
const SIDE_BY_SIDE = 8

/**
 * The committed payloads right above a block the node has.
 *
 * Near the head they are found as for a start, from the head downwards. Further below, the archive is followed upwards,
 * parent by parent, as long as it has only one block of a number: it keeps only committed blocks.
 *
 * @param above the node's newest block.
 * @param most the largest number of payloads.
 * @param node not asked for payloads.
 */
export async function nextPayloads(
  ports: ChainPorts,
  head: Head,
  above: BlockId,
  { most, node }: { readonly most: number; readonly node: NodeName },
): Promise<NextPayloads> {
  const left = head.number - above.number
  if (left > NEAR && above.number >= (head.revertedFrom?.number ?? 0n)) {
    const archived = await followArchive(chainArchive(ports.objects, ports.chain.id), above, most)
    if (archived.length > 0) return { payloads: archived }
  }
  const first = above.number + 1n
  if (left > MOST_COLLECTED)
    return { impossible: `the archive does not have block ${first} on top of its block ${above.number} ${above.hash}` }
  const chain = await collectPayloads(ports, head, first, node)
  if ('missing' in chain) {
    const { number, hash } = chain.missing
    return { impossible: chain.bad ?? `no source has the payload of block ${number} ${hash}` }
  }
  if (chain.parent !== above.hash)
    return { impossible: `its block ${above.number} ${above.hash} is not an ancestor of the committed head` }
  const payloads = chain.envelopes.slice(0, most).map((envelope) => ({ block: blockOfEnvelope(envelope), envelope }))
  return { payloads }
}

/** The archived blocks on top of a block, up to the first number with a choice. */
async function followArchive(archive: Archive, above: BlockId, most: number): Promise<CommittedPayload[]> {
  const found: CommittedPayload[] = []
  let parent = above
  while (found.length < most) {
    const numbers = Array.from({ length: Math.min(SIDE_BY_SIDE, most - found.length) }, (_, i) => BigInt(i) + 1n)
    const read = await Promise.all(numbers.map((offset) => onlyOne(archive, parent.number + offset)))
    for (const envelope of read) {
      if (envelope === undefined) return found
      const { parentHash, ...block } = blockOfEnvelope(envelope)
      if (parentHash !== parent.hash || block.number !== parent.number + 1n) return found
      found.push({ block, envelope })
      parent = block
    }
  }
  return found
}

/** The payload of the only block of this number; `undefined` = none, or more than one. */
async function onlyOne(archive: Archive, number: bigint): Promise<string | undefined> {
  const [hash, ...others] = (await archive.hashesAt(number)) ?? []
  return hash === undefined || others.length > 0 ? undefined : archive.read({ number, hash })
}
