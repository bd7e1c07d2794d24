import type { Command, View } from '../../protocol/decision.ts'
import { type Reason, reason } from '../../protocol/reason.ts'
import type { Memory } from '../memory.ts'
import type { ChainPorts, NodePort } from '../ports.ts'
import { record } from '../record.ts'

type Asking = Extract<Command, { act: 'stop' | 'reset-derivation' }>

type Request = {
  /** A node is not asked again sooner (ms). */
  readonly againMs: number
  /** Asks, and returns what came of it. */
  readonly call: (port: NodePort, node: string) => Promise<Reason>
  readonly failed: 'stop-failed' | 'reset-failed'
}

const REQUESTS: Readonly<Record<Asking['act'], Request>> = {
  // A fenced sequencer: its commits are refused anyway.
  stop: {
    againMs: 5_000,
    call: async (port, node) => reason('stopped-at', { hash: await port.stop() }, node),
    failed: 'stop-failed',
  },
  // A node takes its time to derive.
  'reset-derivation': {
    againMs: 30_000,
    call: async (port, node) => {
      await port.resetDerivation()
      return reason('derivation-reset', {}, node)
    },
    failed: 'reset-failed',
  },
}

/**
 * Asks a node for something that nothing depends on, without waiting for it: some versions of op-node block a stop
 * for as long as they cannot commit. The history tells what came of it, the next looks what it changed.
 */
export function ask(ports: ChainPorts, memory: Memory, { head }: View, { act, node, reasons }: Asking): void {
  const { againMs, call, failed } = REQUESTS[act]
  const now = ports.clock.monotonic()
  const key = `${act} ${node}`
  if (!head || now - (memory.asked[key] ?? Number.NEGATIVE_INFINITY) < againMs) return
  memory.asked[key] = now
  const tell = (outcome: Reason) =>
    record(ports, { what: act, term: head.term, head: head.number, node, reasons: [outcome, ...reasons] })
  call(ports.port(node), node)
    .then(tell)
    .catch((error: Error) => tell(reason(failed, { message: error.message.split('\n')[0] ?? '' }, node)))
}
