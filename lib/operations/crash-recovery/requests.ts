import type { ChainPorts } from '../../context/ports.ts'
import { record } from '../../context/record.ts'
import type { Ticked } from '../../monitor/tick.ts'
import type { Verdict } from '../../protocol/decision.ts'
import { type Reason, reason } from '../../protocol/reason.ts'
import type { HistoryRecord, Lease, NodeName } from '../../protocol/records.ts'
import { isAbandoned } from './quarantine.ts'

/** The monitor itself resets a node whose execution client is merely short, in any mode; it has this long (ms). */
const FREED_MS = 15_000
/** The same damage of a node is reported at most once in this time, across all monitors. */
const AGAIN_MS = 10 * 60_000
/** Only a later monitor repeats a request: until then the old one counts. */
const LATE_MS = 3 * 60_000
const RECORDS = 100
/** The records that close a recovery request. */
const ENDS = new Set(['recovery', 'recovered', 'recovery-failed'])

/**
 * Whether Baton may recover a node by itself: the node is damaged and not in quarantine, or a recovery by Baton was cut
 * short. A recovery that a person began is the person's to continue.
 */
export function mayRepair({ node, damage, role }: Verdict, lease: Lease | undefined, now: number): boolean {
  if (lease?.mode === 'paused') return false
  if (isAbandoned(lease, node, now)) return true
  return damage?.some(outlasts) === true && role !== 'leading' && !lease?.quarantine[node]
}

/** Whether a damage needs a recovery. */
const outlasts = ({ code, evidence }: Reason): boolean => code !== 'execution-short' || Number(evidence.ms) >= FREED_MS

/**
 * Requests the recovery of each damaged node, in the history and by a page. Monitors come and go (on AWS every two
 * minutes): a monitor does not repeat the request of an earlier one.
 *
 * @returns a callback for every turn of the monitor; it returns at once.
 */
export function requestRecoveries(ports: ChainPorts): (ticked: Ticked, active: boolean) => void {
  const requested = new Map<NodeName, { readonly codes: string; readonly at: number }>()
  return ({ view, decision }, active) => {
    const now = ports.clock.now()
    for (const verdict of decision.verdicts) {
      const { node } = verdict
      const codes = codesOf(verdict)
      const before = requested.get(node)
      const may = mayRepair(verdict, view.lease, now)
      if (!verdict.damage && !may) requested.delete(node)
      if (!active || !may) continue
      if (before?.codes === codes && now - before.at < AGAIN_MS) continue
      requested.set(node, { codes, at: now })
      void reportOnce(ports, verdict, view).catch((error: unknown) =>
        ports.log.error('the damage was not reported', { node, error }),
      )
    }
  }
}

async function reportOnce(ports: ChainPorts, verdict: Verdict, { lease, head }: Ticked['view']): Promise<void> {
  const { node, damage = [] } = verdict
  const records = await ports.history.list(ports.chain.id, { limit: RECORDS })
  const codes = codesOf(verdict)
  if (
    openRequests(records, ports.clock.now()).some(
      (request) => request.node === node && codesOfRequest(request) === codes,
    )
  )
    return
  const reasons = [reason('recovery-wanted', {}, node), ...damage]
  await record(ports, { what: 'page', term: lease?.term ?? 0, head: head?.number ?? 0n, node, reasons })
}

/** The nodes with an open recovery request that no run has begun, newest request first. */
export async function requestedNodes(ports: ChainPorts): Promise<NodeName[]> {
  const records = await ports.history.list(ports.chain.id, { limit: RECORDS })
  const lease = await ports.leases.read(ports.chain.id)
  const now = ports.clock.now()
  const named = openRequests(records, now, AGAIN_MS + LATE_MS).flatMap(({ node }) => node ?? [])
  return [...new Set(named)].filter((node) => !lease?.quarantine[node] || isAbandoned(lease, node, now))
}

/** The recent requests with no recovery since, newest first. */
function openRequests(newestFirst: readonly HistoryRecord[], now: number, withinMs = AGAIN_MS): HistoryRecord[] {
  const done = new Set<NodeName | undefined>()
  return newestFirst.filter(({ what, node, at, reasons: [first] }) => {
    if (ENDS.has(what)) done.add(node)
    return first?.code === 'recovery-wanted' && !done.has(node) && now - at < withinMs
  })
}

const codesOf = ({ damage = [] }: Verdict) => damage.map(({ code }) => code).join()
const codesOfRequest = ({ reasons: [, ...damage] }: HistoryRecord) => damage.map(({ code }) => code).join()
