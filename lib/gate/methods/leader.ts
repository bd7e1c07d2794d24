import { noteSighting } from '../../store/sightings.ts'
import type { Caller } from '../auth.ts'
import { type GateContext, within } from '../context.ts'

/** The longest a standby waits for its sighting to be written, in ms: op-node allows 1 s in all. */
const NOTE_MS = 250

/**
 * `conductor_leader`: whether this node may commit. A strongly consistent read of the head, as in the commit rule;
 * `false` while there is no head. Records that a standby asked: this proves that the standby reaches the gate under its
 * own name.
 *
 * @param itself whether the node itself asks; if not, nothing is recorded.
 * @throws StoreUnavailableError
 */
export async function leader(context: GateContext, { chain, node }: Caller, itself = true): Promise<boolean> {
  const { heads, budgetMs } = context
  const head = await within(budgetMs, 'read', chain, () => heads.read(chain))
  const leads = head?.leader === node
  if (!leads && itself) await note(context, { chain, node })
  return leads
}

/** A failed write of the sighting does not delay the answer. */
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
 * `conductor_active` of a gate that cannot know whether Baton is paused: whether a node holds the chain's head. op-node
 * never calls it; tools made for op-conductor do.
 *
 * @throws StoreUnavailableError
 */
export async function active({ heads, budgetMs }: GateContext, { chain }: Caller): Promise<boolean> {
  const head = await within(budgetMs, 'read', chain, () => heads.read(chain))
  return head !== undefined && head.leader !== ''
}
