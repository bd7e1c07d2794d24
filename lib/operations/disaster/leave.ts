import type { ChainPorts } from '../../context/ports.ts'
import { record } from '../../context/record.ts'
import { RefusedActError, UnfinishedActError } from '../../operator/errors.ts'
import { pause } from '../../operator/modes.ts'
import type { BlockId, Hash } from '../../protocol/block.ts'
import { reason } from '../../protocol/reason.ts'
import type { Head, NodeName } from '../../protocol/records.ts'
import { begun } from './ask.ts'
import { closeAt } from './close.ts'
import { stopAndSee } from './stop.ts'

/** Maximum age of the confirming block, in blocks. */
const RECENT = 1_000n
const SETTLE_MS = 5_000

/**
 * Ends Baton's part in a chain at a block boundary: Baton paused, the leader stopped, the head without a leader.
 * Returns the block that another conductor must start from.
 *
 * @param hash of any of the newest thousand committed blocks, as confirmation: the newest one changes too fast.
 * @throws RefusedActError when it is not of this chain.
 * @throws UnfinishedActError when the leader does not stop, or stands elsewhere than the head. Baton is paused;
 * repeating the act continues it.
 */
export async function leaveToOpConductor(
  ports: ChainPorts,
  { hash, by }: { hash: string; by: string },
): Promise<BlockId> {
  const { heads, clock } = ports
  const head = await confirmLeaving(ports, hash)
  await pause(ports, by)
  const last = await settled(ports, head.leader)
  const closed = await heads.write(ports.chain.id, closeAt(last, clock.now()))
  if (!closed.applied)
    throw new UnfinishedActError(
      `the head moved meanwhile: it is block ${closed.old?.number} ${closed.old?.hash}; Baton is paused, ${head.leader} is stopped`,
      'check "baton status", then repeat the act',
    )
  await record(ports, {
    what: 'leave',
    actor: { kind: 'operator', name: by },
    term: closed.item.term,
    head: closed.item.number,
    node: head.leader,
    reasons: [
      reason('operator', {
        message: `handed over at block ${closed.item.number} ${closed.item.hash}; no node may commit here`,
      }),
    ],
  })
  return { number: closed.item.number, hash: closed.item.hash }
}

/**
 * Checks that the block is one of the newest of this chain, and reads the head; changes nothing.
 *
 * @throws RefusedActError
 */
export async function confirmLeaving({ heads, chain, port }: ChainPorts, hash: string): Promise<Head> {
  const head = await heads.read(chain.id)
  if (!head) throw new RefusedActError('no node holds the head: there is none', 'nothing to hand over')
  if (!head.leader)
    throw new RefusedActError(`no node holds the head, block ${head.number} ${head.hash}`, 'nothing to hand over')
  const { block } = port(head.leader)
  const named = /^0x[0-9a-f]{64}$/.test(hash) ? await block({ hash: hash as Hash }) : undefined
  const own = named && (await block({ number: named.number }))
  if (!named || own?.hash !== hash || named.number + RECENT < head.number)
    throw new RefusedActError(
      `${hash} is not one of the newest ${RECENT} blocks of this chain`,
      'confirm with the hash of one',
    )
  return head
}

/** The committed head, once the leader has stopped there: a block it had sealed may still be committed. */
async function settled(ports: ChainPorts, leader: NodeName): Promise<Head> {
  const { heads, chain, clock, port } = ports
  await begun('Baton is paused', stopAndSee(ports, leader))
  const until = clock.monotonic() + SETTLE_MS
  for (;;) {
    const head = await heads.read(chain.id)
    const { hash } = await port(leader).unsafe()
    if (head?.hash === hash) return head
    if (clock.monotonic() > until)
      throw new UnfinishedActError(
        `${leader} stands at ${hash}, the head is ${head?.hash}; Baton is paused, ${leader} is stopped`,
        'read its log, then repeat the act',
      )
    await clock.sleep(50)
  }
}
