import { classify } from '../../chain/failure.ts'
import type { Memory } from '../../context/memory.ts'
import type { ChainPorts, NodePort } from '../../context/ports.ts'
import { recordSeries } from '../../context/record.ts'
import type { Command, View } from '../../protocol/decision.ts'
import { type Reason, reason } from '../../protocol/reason.ts'
import { addAttempt, mayAct, seriesKey } from '../../protocol/series.ts'
import { stillOrdered } from './still-ordered.ts'

type Asking = Extract<Command, { act: 'stop' | 'reset-derivation' }>

type Request = {
  /** Sends the request, and returns the outcome. */
  readonly call: (port: NodePort, node: string) => Promise<Reason>
  readonly failed: 'stop-failed' | 'reset-failed'
}

const REQUESTS: Readonly<Record<Asking['act'], Request>> = {
  stop: {
    call: async (port, node) => reason('stopped-at', { hash: await port.stop() }, node),
    failed: 'stop-failed',
  },
  'reset-derivation': {
    call: async (port, node) => {
      await port.resetDerivation()
      return reason('derivation-reset', {}, node)
    },
    failed: 'reset-failed',
  },
}

/**
 * Sends a node a request that nothing depends on, without waiting for it: some versions of op-node block a stop for as
 * long as they cannot commit. The history records the outcome; the next observations show the effect. Sends nothing if
 * the lease has another term or another order by now: a process that stood still must not stop the next leader.
 */
export function ask(ports: ChainPorts, memory: Memory, view: View, { act, node, reasons }: Asking): void {
  const { head, lease } = view
  const now = { ...view, now: ports.clock.now(), acts: memory.acts }
  if (!head || !lease || !mayAct(now, act, node)) return
  memory.acts = { ...memory.acts, [seriesKey(act, node)]: addAttempt(now, act, node, head) }
  const { call, failed } = REQUESTS[act]
  const report = (outcome: Reason) =>
    recordSeries(ports, memory, { what: act, term: head.term, head: head.number, node, reasons: [outcome, ...reasons] })
  const ordered = stillOrdered(ports, lease)
  const send = async () => {
    if (await ordered()) await report(await call(ports.port(node), node))
  }
  send().catch((error: unknown) => report(reason(failed, { message: classify(error).message }, node)))
}
