import { noteSighting } from '../../store/sightings.ts'
import type { Caller } from '../auth.ts'
import { type GateContext, within } from '../context.ts'

/** So long a standby may wait for the note that it asked (ms): op-node allows 1 s in all. */
const NOTE_MS = 250

/**
 * `conductor_leader`: whether this node may commit. A strongly consistent read of the head, which is
 * what the commit rule looks at too; `false` while there is no head. That a standby asked is noted: it proves its way
 * to the gate, under its own name.
 *
 * @throws StoreUnavailableError
 */
export async function leader(context: GateContext, { chain, node }: Caller): Promise<boolean> {
  const { heads, budgetMs } = context
  const head = await within(budgetMs, 'read', chain, () => heads.read(chain))
  const leads = head?.leader === node
  if (!leads) await note(context, { chain, node })
  return leads
}

/** A note that cannot be written keeps no answer back. */
async function note({ objects, now, log, series }: GateContext, { chain, node }: Caller): Promise<void> {
  try {
    await within(NOTE_MS, 'put', chain, () => noteSighting(objects, chain, node, now()))
  } catch (error) {
    series(`sighting ${chain} ${node}`, (repeated) =>
      log.warn('a call of a standby was not noted', { chain, node, error, ...(repeated && { repeated }) }),
    )
  }
}

/**
 * `conductor_active`: whether blocks are decided here, that is, the chain has a head that a node
 * holds. op-node does not ask this; tools made for op-conductor do.
 *
 * @throws StoreUnavailableError
 */
export async function active({ heads, budgetMs }: GateContext, { chain }: Caller): Promise<boolean> {
  const head = await within(budgetMs, 'read', chain, () => heads.read(chain))
  return head !== undefined && head.leader !== ''
}
