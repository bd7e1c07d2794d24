import type { Command, View } from '../../protocol/decision.ts'
import { type Reason, reason } from '../../protocol/reason.ts'
import type { Memory } from '../memory.ts'
import type { ChainPorts } from '../ports.ts'
import { record } from '../record.ts'

/** A fenced node is not asked to stop again sooner than this. */
const AGAIN_MS = 5_000

/**
 * Asks a fenced node to stop sequencing, without waiting for it: its commits are refused anyway,
 * and some versions of op-node block this call for as long as they cannot commit.
 */
export function stopFenced(
  ports: ChainPorts,
  memory: Memory,
  { head }: View,
  { node, reasons }: Extract<Command, { act: 'stop' }>,
): void {
  const { clock, port } = ports
  if (!head || clock.now() - (memory.stopAsked[node] ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return
  memory.stopAsked[node] = clock.now()
  const tell = (outcome: Reason) =>
    record(ports, { what: 'stop', term: head.term, head: head.number, node, reasons: [outcome, ...reasons] })
  port(node)
    .stop()
    .then((hash) => tell(reason('stopped-at', { hash }, node)))
    .catch((error: Error) => tell(reason('stop-failed', { message: error.message.split('\n')[0] ?? '' }, node)))
}
