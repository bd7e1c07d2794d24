import type { L1Port } from '../../lib/l1/watch.ts'
import type { L1Sample, L1View, Tip } from '../../lib/protocol/l1.ts'
import type { L1Block } from '../../lib/protocol/observation.ts'
import type { Process } from '../../lib/simulator/chain/process.ts'
import { type HistoryL1, L1_BLOCK_MS } from './blocks.ts'
import type { Wires } from './network.ts'

const EVERY_MS = 2_000
const TIMEOUT_MS = 1_000
const LIMITS = { window: 3_600n, maxDriftS: 1_800, slotMs: L1_BLOCK_MS } as const

/** A control process's own way to L1, by an endpoint that none of the nodes uses. */
export function l1Port(from: string, caller: Process, l1: HistoryL1, wires: Wires): L1Port {
  let newest: L1Sample | undefined
  let beganAt = Number.NEGATIVE_INFINITY
  const ask = <T>(work: () => T) => caller.ask(() => wires.call(from, 'l1', TIMEOUT_MS, async () => work()))
  const look = async (tip: Tip | undefined): Promise<L1View> => {
    beganAt = wires.scheduler.now()
    await ask(() => ({ head: l1.head, origin: tip && existing(l1, tip.l1Origin.number) })).then(
      ({ head, origin }) => {
        newest = { at: caller.now(), head, ...(tip && { tip: { block: tip, origin: origin ?? null } }) }
      },
      () => {},
    )
    return view()
  }
  const view = (): L1View => ({ limits: LIMITS, ...(newest && { sample: newest }) })
  return {
    latest(tip) {
      if (wires.scheduler.now() - beganAt >= EVERY_MS) void look(tip)
      return view()
    },
    observe: look,
    head: () => ask(() => l1.head),
    hashAt: (number) => ask(() => existing(l1, number)?.hash ?? null),
  }
}

const existing = (l1: HistoryL1, number: bigint): L1Block | undefined =>
  number <= l1.head.number ? l1.block(number) : undefined
