import type { ChainPorts } from '../../context/ports.ts'
import { retryStore } from '../../context/retry.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { readOutcome, switchoverOnce } from '../../operator/switchover-once.ts'
import type { AskedSwitchover } from '../../protocol/outcome.ts'
import type { NodeName } from '../../protocol/records.ts'
import { formatOutcome } from '../../text/outcome.ts'
import { DEFAULT_BAKE_MS, type UpgradeOrder, UpgradeStopped } from './order.ts'

/** A switchover takes little more than a block time; without a monitor it never happens. */
const TIMEOUT_MS = 30_000
const EVERY_MS = 250
const GO_ON = 'see "baton history"; then continue with "baton upgrade --resume"'

/**
 * Requests the switchover. Idempotent: a second call finds the pending request.
 *
 * @throws UpgradeStopped when it is refused. Followers are already upgraded, so "nothing was changed" no longer holds.
 */
export async function askForLead(ports: ChainPorts, order: UpgradeOrder, to: NodeName): Promise<AskedSwitchover> {
  const request = leadRequest(ports, order, to)
  return await retryStore(ports, () => switchoverOnce(ports, request)).catch((error: unknown) => {
    if (!(error instanceof RefusedActError)) throw error
    throw new UpgradeStopped(to, `the switchover to it was refused: ${error.message}`, GO_ON)
  })
}

/**
 * The upgrade's own switchover request. Its id lets the upgrade find it again and not mistake another request for it.
 */
function leadRequest(ports: ChainPorts, { by, owner }: UpgradeOrder, to: NodeName) {
  return { to, by, id: owner === undefined ? ports.suffix() : `${owner}/${to}` }
}

/** Waits until the node leads, shown by a commit of its own term. Idempotent. Throws as `seeLast`. */
export async function seeLead(ports: ChainPorts, asked: AskedSwitchover, to: NodeName) {
  const { clock } = ports
  const patience = clock.monotonic() + TIMEOUT_MS
  for (;;) {
    const came = await retryStore(ports, () => readOutcome(ports, { ...asked, to }))
    if (came.outcome === 'moved') return
    if (came.outcome !== 'pending')
      throw new UpgradeStopped(to, `the switchover to it did not succeed: ${formatOutcome({ to }, came)}`, GO_ON)
    if (clock.monotonic() > patience) throw new UpgradeStopped(to, 'the switchover to it was not carried out', GO_ON)
    await clock.sleep(EVERY_MS)
  }
}

/**
 * Checks that the new leader leads and commits for the bake time; `false` = so far it does, at the end of the slice.
 *
 * @param since when it was first observed as leader, Unix ms.
 * @throws UpgradeStopped when the switchover is refused, rolled back or not carried out, or the new leader loses the
 * lead.
 */
export async function seeLast(
  ports: ChainPorts,
  { bakeMs = DEFAULT_BAKE_MS }: UpgradeOrder,
  { from, to, since }: { readonly from: NodeName; readonly to: NodeName; readonly since: number },
  sliceMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const { heads, chain, clock, policy } = ports
  const end = clock.now() + sliceMs
  while (clock.now() < since + bakeMs) {
    if (clock.now() > end) return false
    await clock.sleep(Math.min(EVERY_MS, bakeMs))
    const head = await retryStore(ports, () => heads.read(chain.id))
    if (head?.leader !== to) throw new UpgradeStopped(to, `it led for less than ${bakeMs} ms`, GO_ON)
    if (clock.now() - head.committedAt > policy.blockTimeMs + policy.stallMs)
      throw new UpgradeStopped(to, `it leads, but commits nothing; ${from} still has the old version`, GO_ON)
  }
  return true
}
