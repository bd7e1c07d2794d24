import { switchover } from '../monitor/operate/switchover.ts'
import type { ChainPorts } from '../monitor/ports.ts'
import type { NodeName } from '../protocol/records.ts'
import { UpgradeStopped } from './errors.ts'
import { DEFAULT_BAKE_MS, type UpgradeOrder } from './order.ts'

/** A switchover takes a block time and a little; without a monitor it never comes. */
const PATIENCE_MS = 30_000
const EVERY_MS = 250
const GO_ON = 'see "baton history"; then go on with "baton upgrade --resume"'

/**
 * Moves sequencing to an upgraded node, and sees it lead for a while before the old leader is touched.
 *
 * @throws UpgradeStopped when it was refused, rolled back, not carried out, or the new leader did not last.
 */
export async function moveLead(ports: ChainPorts, order: UpgradeOrder, from: NodeName, to: NodeName): Promise<void> {
  const { heads, leases, chain, clock } = ports
  const asked = await switchover(ports, { to, by: order.by })
  const patience = clock.now() + PATIENCE_MS
  for (;;) {
    const [head, lease] = [await heads.read(chain.id), await leases.read(chain.id)]
    const committed = head !== undefined && head.committedTerm === head.term && head.term > asked.term
    if (committed && head.holder === to) break
    if (committed) throw new UpgradeStopped(to, `${head.holder} leads instead: ${to} did not commit`, GO_ON)
    if (lease && lease.term === asked.term && lease.switchover?.id !== asked.switchover?.id)
      throw new UpgradeStopped(to, 'the switchover to it was refused', GO_ON)
    if (clock.now() > patience) throw new UpgradeStopped(to, 'the switchover to it was not carried out', GO_ON)
    await clock.sleep(EVERY_MS)
  }
  await lasts(ports, order, from, to)
}

/** The new leader must lead and commit until the time is over. */
async function lasts(ports: ChainPorts, { bakeMs = DEFAULT_BAKE_MS }: UpgradeOrder, from: NodeName, to: NodeName) {
  const { heads, chain, clock, policy } = ports
  const until = clock.now() + bakeMs
  while (clock.now() < until) {
    await clock.sleep(Math.min(EVERY_MS, bakeMs))
    const head = await heads.read(chain.id)
    if (head?.holder !== to) throw new UpgradeStopped(to, `it led for less than ${bakeMs} ms`, GO_ON)
    if (clock.now() - head.committedAt > policy.blockTimeMs + policy.stallMs)
      throw new UpgradeStopped(to, `it leads, but commits nothing; ${from} still has the old version`, GO_ON)
  }
}
