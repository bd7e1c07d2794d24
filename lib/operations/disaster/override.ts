import type { ChainPorts } from '../../context/ports.ts'
import { record } from '../../context/record.ts'
import { ensure } from '../../monitor/acts/start.ts'
import { configuredNode } from '../../operator/configured-node.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { refuseUnless } from '../../operator/modes.ts'
import type { BlockId } from '../../protocol/block.ts'
import { reason } from '../../protocol/reason.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { StoreUnavailableError } from '../../store/errors.ts'
import { askArchive, askStore, begun, unsafeHeads } from './ask.ts'
import { closeToAll, pauseWithout, type Records } from './close.ts'
import { stopOthers } from './stop.ts'
import { formatRecords } from './text.ts'

/** How long to retry the start while the node adopts the head. */
const START_MS = 10_000

/** An operator's confirmation: the node, and the hash of the block it continues from. */
export type Overriding = {
  readonly node: NodeName
  readonly hash: string
  readonly by: string
  /** Override although a published block would be replaced, as far as can be known without records. */
  readonly againstVote?: boolean | undefined
}

/**
 * Lets one node publish without Baton: the last resort when the gate or its store is gone for long. If the records are
 * writable, no other node can commit afterwards, Baton is paused and the node is marked; if not, the result says so.
 * `returnFromOverride` is the way back.
 *
 * @throws RefusedActError when the hash is not the block the node continues from, or others have continued without it.
 * @throws UnfinishedActError when another node cannot be stopped, the head moved, or the node does not start.
 * @throws CorruptRecordError
 */
export async function overrideLeader(ports: ChainPorts, asked: Overriding): Promise<Records> {
  const { node, by } = asked
  const { head, from, override } = await confirmOverride(ports, asked)
  await stopOthers(ports, node)
  const records = await begun('every other sequencer was stopped', closeRecords(ports, asked))
  const committed = records.left === 'closed' ? records.head : head
  const done = `every other sequencer was stopped, ${formatRecords(records)}`
  if (committed) await begun(done, bringThere(ports, node, committed))
  await begun(done, override())
  await begun(done, startAt(ports, node, from.hash))
  const evidence = { message: `${node} publishes without commits from block ${from.number} ${from.hash} on` }
  await record(ports, {
    what: 'override',
    actor: { kind: 'operator', name: by },
    term: committed?.term ?? 1,
    head: from.number,
    node,
    reasons: [reason('operator', evidence)],
  })
  return records
}

/**
 * Checks that the node continues from this block; changes nothing.
 *
 * @throws RefusedActError
 * @throws CorruptRecordError when the stored head is unreadable: whether commits flow is unknown.
 */
export async function confirmOverride(ports: ChainPorts, { node, hash, againstVote = false }: Overriding) {
  configuredNode(ports.nodes, node)
  const { override, unsafe } = ports.port(node)
  if (!override) throw new RefusedActError(`${node} has no override`, 'name an op-node')
  const read = await askStore(ports.clock, () => ports.heads.readWithPayload(ports.chain.id))
  const head = read.ok ? read.value : undefined
  // One read suffices: the write that quarantines the node checks it again.
  refuseUnless('override', await ports.leases.read(ports.chain.id).catch(ignoreSilence), node)
  const from = head ?? (await unsafe())
  if (from.hash !== hash) {
    const what = head ? 'the committed head' : `the head of ${node}, since there is no record`
    throw new RefusedActError(
      `${hash} is not ${what}: that is block ${from.number} ${from.hash}`,
      'confirm with its hash',
    )
  }
  if (!head && !againstVote) await refuseToReplace(ports, node, from)
  return { head, from, override }
}

/** An override is for when the store does not answer. */
function ignoreSilence(error: unknown): undefined {
  if (!(error instanceof StoreUnavailableError)) throw error
}

/**
 * Without a record the last commit is unknown. But a block that another node or the archive has above this one, or in
 * its place, was published, and the chain would lose it.
 */
async function refuseToReplace(ports: ChainPorts, node: NodeName, from: BlockId): Promise<void> {
  const others = (await unsafeHeads(ports)).filter((each) => each.node !== node)
  const archive = askArchive(ports)
  const archived = (await Promise.all([archive.at(from.number), archive.at(from.number + 1n)])).flat()
  const kept = archived.some(({ hash }) => hash === from.hash)
    ? archived.filter(({ number }) => number > from.number)
    : archived
  const found = [...others, ...kept.map((block) => ({ node: 'the archive', block }))].find(
    ({ block }) => block && block.hash !== from.hash && block.number >= from.number,
  )
  if (!found?.block) return
  throw new RefusedActError(
    `${found.node} has block ${found.block.number} ${found.block.hash}, ${node} only ${from.number} ${from.hash}: without records, what others have counts as published`,
    'name a node that has it; "--against-vote" insists, and gives it up',
  )
}

/** Closes the current head. A store that answers again may have another head than the confirmed one. */
async function closeRecords(ports: ChainPorts, { node, hash, by }: Overriding): Promise<Records> {
  const { chain, clock, heads } = ports
  const closed = await askStore(clock, async () => {
    const head = await heads.readWithPayload(chain.id)
    if (head) {
      if (head.hash === hash) return await closeToAll(ports, head, node, by)
      const is = `block ${head.number} ${head.hash}`
      throw new RefusedActError(`${hash} is not the committed head any more: that is ${is}`, 'confirm with its hash')
    }
    await pauseWithout(ports, node, by)
    return undefined
  })
  if (closed.ok) return closed.value ? { left: 'closed', head: closed.value } : { left: 'none' }
  await askStore(clock, () => pauseWithout(ports, node, by))
  // An unanswered pause may still have been written.
  const lease = await ports.leases.read(chain.id).catch(() => undefined)
  return { left: 'open', paused: lease?.mode === 'paused', why: closed.error.message }
}

async function bringThere(ports: ChainPorts, node: NodeName, head: Head): Promise<void> {
  const ensured = await ensure(ports, node, head)
  if (ensured.ensured !== 'impossible') return
  throw new RefusedActError(
    `${node} cannot take the head: ${ensured.message}`,
    `name another node, or go back: "baton quarantine ${node} --lift", "baton resume"`,
  )
}

async function startAt({ port, clock }: ChainPorts, node: NodeName, hash: Head['hash']): Promise<void> {
  const until = clock.monotonic() + START_MS
  for (;;) {
    const started = await port(node).start(hash)
    if (started.outcome === 'started' || started.outcome === 'already-running') return
    if (clock.monotonic() > until) {
      const why = 'message' in started ? started.message : started.outcome
      throw new RefusedActError(
        `${node} was overridden, but does not start: ${why}`,
        'look at its log and start it by hand, or go back: "baton disaster return"',
      )
    }
    await clock.sleep(100)
  }
}
