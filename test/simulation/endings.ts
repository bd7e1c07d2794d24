import { chainArchive } from '../../lib/store/archive.ts'
import { CHAIN, NO_NOISE } from './plan.ts'
import { POLICY } from './policy.ts'
import type { World } from './world.ts'

/** After everything was healed, the chain must have grown by so many blocks within so many ms. */
const BLOCKS = 3n
const WITHIN_MS = 3 * POLICY.verifyMs + POLICY.cooldownMs + POLICY.leaseMs + POLICY.stallMs + 10_000

const POLL_MS = 200

async function until({ scheduler, journal }: World, withinMs: number, condition: () => boolean): Promise<boolean> {
  const end = scheduler.now() + withinMs
  while (!journal.violation && scheduler.now() < end) {
    await scheduler.run(scheduler.now() + POLL_MS)
    if (condition()) return true
  }
  return false
}

/** Invariant 6: store, one eligible node and a monitor live, so blocks come again; and all nodes follow. */
export async function grows(world: World, lost: readonly string[]): Promise<void> {
  const { referee, journal, nodes } = world
  const from = referee.head?.number ?? -1n
  const grown = () => {
    const { head } = referee
    return head !== undefined && head.number >= from + BLOCKS && head.committedTerm === head.term
  }
  if (!(await until(world, WITHIN_MS, grown)))
    return journal.violate(6, `no ${BLOCKS} blocks within ${WITHIN_MS} ms after everything was healed`)
  const follow = () =>
    nodes.every(
      ({ name, consensus }) =>
        lost.includes(name) || (consensus.heads?.unsafe.number ?? 0n) + 2n >= (referee.head?.number ?? 0n),
    )
  if (!(await until(world, 15_000, follow))) journal.violate(6, 'a healed node does not follow the chain')
  const alone = () =>
    referee.lease?.mode === 'paused' ||
    nodes.every(
      ({ name, consensus: { process, sequencer } }) =>
        name === referee.head?.leader || process.status !== 'running' || !sequencer.active,
    )
  if (!(await until(world, 10_000, alone))) journal.violate(6, 'a node that was fenced goes on sequencing')
}

/** Invariant 3: whatever was acknowledged can be read by the next leader, from the store alone. */
export async function readable(world: World): Promise<void> {
  const { referee, store, journal, archiver } = world
  await until(world, 3_000, () => archiver.caughtUp)
  const { head } = referee
  const { seed } = referee.published
  if (journal.violation || head === undefined || seed === undefined) return
  const archive = chainArchive(store.objects, CHAIN)
  const below = { number: head.number - 1n, hash: head.parentHash }
  try {
    for await (const { found, number, hash } of archive.walkBack(below, seed + 1n)) {
      if (!found) return journal.violate(3, `block ${number} ${hash} is acknowledged and nowhere to be read`)
    }
  } catch (error) {
    journal.violate(3, `what was acknowledged cannot be read: ${(error as Error).message}`)
  }
}

/** A history in which nothing went wrong: one grant, and no one is paged. */
export function checkQuiet({ plan, journal, referee, wires }: World): void {
  const quiet =
    plan.faults.length === 0 &&
    plan.noise === NO_NOISE &&
    plan.ending === 'grown' &&
    plan.start === 'fresh' &&
    plan.lost.length === 0
  if (!quiet || wires.noise !== NO_NOISE) return
  journal.reach('nothing went wrong')
  const { term } = referee.head ?? {}
  if (term !== 1) journal.violate(6, `term ${term} though nothing went wrong`)
  const paged = [...journal.reached.keys()].filter((state) => state.startsWith('page '))
  if (paged.length > 0) journal.violate(6, `${paged} though nothing went wrong`)
}
