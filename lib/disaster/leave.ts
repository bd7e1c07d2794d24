import { RefusedActError } from '../monitor/operate/errors.ts'
import { pause } from '../monitor/operate/modes.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import { record } from '../monitor/record.ts'
import type { BlockId, Hash } from '../protocol/block.ts'
import { fence } from '../protocol/fence.ts'
import { reason } from '../protocol/reason.ts'
import type { Head } from '../protocol/records.ts'

/** How old the block may be that proves which chain is meant. */
const RECENT = 1_000n
const SETTLE_MS = 5_000

/**
 * Ends Baton's part in a chain at a block boundary: paused, the holder stopped, the head held by nobody.
 * Returns the block another conductor has to start from.
 *
 * @param hash of any of the newest thousand committed blocks, as confirmation: the newest is gone too soon.
 * @throws RefusedActError when it is not of this chain, or the holder does not stop. Then Baton is paused.
 */
export async function leaveToOpConductor(
  ports: ChainPorts,
  { hash, by }: { hash: string; by: string },
): Promise<BlockId> {
  const { heads, clock } = ports
  const head = await confirmLeaving(ports, hash)
  await pause(ports, by)
  const stopped = await ports.port(head.holder).stop()
  const last = await settled(ports, stopped)
  const closed = await heads.write(ports.chain.id, fence('', last.term + 1, clock.now()))
  if (!closed.applied || closed.item.hash !== stopped)
    throw new RefusedActError('somebody else was granted meanwhile', 'look at "baton status"; Baton is paused')
  await record(ports, {
    what: 'leave',
    actor: { kind: 'operator', name: by },
    term: closed.item.term,
    head: closed.item.number,
    node: head.holder,
    reasons: [
      reason('operator', { message: `handed over at block ${closed.item.number} ${stopped}; nobody may commit here` }),
    ],
  })
  return { number: closed.item.number, hash: stopped }
}

/**
 * Looks whether the block is one of the newest of this chain, and who holds the head; changes nothing.
 *
 * @throws RefusedActError
 */
export async function confirmLeaving({ heads, chain, port }: ChainPorts, hash: string): Promise<Head> {
  const head = await heads.read(chain.id)
  if (!head?.holder) throw new RefusedActError('nobody holds the head', 'nothing to hand over')
  const { block } = port(head.holder)
  const named = /^0x[0-9a-f]{64}$/.test(hash) ? await block({ hash: hash as Hash }) : undefined
  const own = named && (await block({ number: named.number }))
  if (!named || own?.hash !== hash || named.number + RECENT < head.number)
    throw new RefusedActError(
      `${hash} is none of the newest ${RECENT} blocks of this chain`,
      'confirm with the hash of one',
    )
  return head
}

/** The committed head, once it is the block the holder stopped at. */
async function settled({ heads, chain, clock }: ChainPorts, stopped: Hash) {
  const until = clock.now() + SETTLE_MS
  for (;;) {
    const head = await heads.read(chain.id)
    if (head?.hash === stopped) return head
    if (clock.now() > until)
      throw new RefusedActError(
        `the holder stopped at ${stopped}, the head is ${head?.hash}`,
        'Baton is paused; look at its log',
      )
    await clock.sleep(50)
  }
}
