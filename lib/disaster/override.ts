import { ensure } from '../monitor/acts/ensure.ts'
import { RefusedActError } from '../monitor/operate/errors.ts'
import type { ChainPorts, NodePort } from '../monitor/ports.ts'
import { record } from '../monitor/record.ts'
import { reason } from '../protocol/reason.ts'
import type { Head, NodeName } from '../protocol/records.ts'
import { closeToAll } from './close.ts'

/** How long the node is asked to start while it takes the head. */
const START_MS = 10_000
/** How long another one's sequencer may take to be seen stopped. */
const STOP_MS = 5_000

/** What an operator confirms: which node, and the hash of the block it goes on from. */
export type Overriding = { readonly node: NodeName; readonly hash: string; readonly by: string }

/**
 * Lets one node publish without Baton: the last resort when the gate or its store is gone for long. Where
 * the records can still be written, nobody else can commit afterwards, Baton is paused, and the node is
 * marked; where they cannot, nobody could commit anyway. `returnFromOverride` is the way back.
 *
 * @throws RefusedActError when another node sequences and cannot be stopped, or the hash is not the block
 * the node goes on from. Nothing was changed.
 */
export async function overrideLeader(ports: ChainPorts, { node, hash, by }: Overriding): Promise<Head | undefined> {
  const { head, from, override } = await confirmOverride(ports, { node, hash, by })
  await stopOthers(ports, node)
  if (head) {
    await closeToAll(ports, head, node, by)
    const ensured = await ensure(ports, node, head)
    if (ensured.ensured === 'impossible')
      throw new RefusedActError(
        `${node} cannot take the head: ${ensured.message}`,
        'Baton is paused; name another node',
      )
  }
  await override()
  await startAt(ports, node, from.hash)
  const evidence = { message: `${node} publishes without commits from block ${from.number} ${from.hash} on` }
  await record(ports, {
    what: 'override',
    actor: { kind: 'operator', name: by },
    term: (head?.term ?? 0) + 1,
    head: from.number,
    node,
    reasons: [reason('operator', evidence)],
  })
  return head
}

/**
 * Looks whether the block is the one the node goes on from; changes nothing.
 *
 * @throws RefusedActError
 */
export async function confirmOverride(ports: ChainPorts, { node, hash }: Overriding) {
  if (!ports.nodes.some(({ name }) => name === node))
    throw new RefusedActError(`no node "${node}" is configured`, 'name a configured node')
  const { override, unsafe } = ports.port(node)
  if (!override) throw new RefusedActError(`${node} has no override`, 'name an op-node')
  const head = await ports.heads.readWithPayload(ports.chain.id).catch(() => undefined)
  const from = head ?? (await unsafe())
  if (from.hash !== hash) {
    const what = head ? 'the committed head' : `the head of ${node}, since there is no record`
    throw new RefusedActError(
      `${hash} is not ${what}: that is block ${from.number} ${from.hash}`,
      'confirm with its hash',
    )
  }
  return { head, from, override }
}

/**
 * Two nodes that publish are two chains: whoever else sequences is stopped first, and seen stopped. While no
 * gate answers it publishes nothing, but it would commit what it sealed as soon as the gate is back.
 */
async function stopOthers({ nodes, port, clock }: ChainPorts, node: NodeName): Promise<void> {
  for (const { name } of nodes.filter((each) => each.name !== node)) {
    if (!(await sequences(port(name)))) continue
    await port(name)
      .stop()
      .catch(() => undefined)
    // Some versions answer only when the block they sealed is committed, and stop before that.
    const until = clock.now() + STOP_MS
    while (await sequences(port(name))) {
      if (clock.now() > until)
        throw new RefusedActError(`${name} sequences and cannot be stopped`, 'end its op-node, then try again')
      await clock.sleep(200)
    }
  }
}

/** Whether a node's sequencer runs, as far as it answers: one that does not was counted as gone by the operator. */
async function sequences(port: NodePort): Promise<boolean> {
  const { consensus } = await port.observe(undefined)
  return consensus.ok && consensus.value.sequencing
}

async function startAt({ port, clock }: ChainPorts, node: NodeName, hash: Head['hash']): Promise<void> {
  const until = clock.now() + START_MS
  for (;;) {
    const started = await port(node).start(hash)
    if (started.outcome === 'started' || started.outcome === 'already-running') return
    if (clock.now() > until) {
      const why = 'message' in started ? started.message : started.outcome
      throw new RefusedActError(
        `${node} was overridden, but does not start: ${why}`,
        'look at its log; start it by hand',
      )
    }
    await clock.sleep(100)
  }
}
