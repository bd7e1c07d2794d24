import type { Damage } from '../classify.ts'
import { examine } from '../examine.ts'
import type { Recovering } from '../ports.ts'

/** A supervisor restarts a process, and a follower catches up, within this time. */
const WAIT_MS = 10_000

/** Waits until the damage is another one, or the node has moved; ten seconds at most. */
export async function wait(recovering: Recovering, damage: Damage): Promise<string> {
  const { clock } = recovering.ports
  const began = clock.monotonic()
  while (clock.monotonic() - began < WAIT_MS && !recovering.signal.aborted) {
    const now = (await examine(recovering))?.damage
    if (now && (now.kind !== damage.kind || latestOf(now) !== latestOf(damage))) break
  }
  return `${Math.round((clock.monotonic() - began) / 1_000)} s`
}

const latestOf = (damage: Damage) => ('latest' in damage ? damage.latest.number : undefined)
