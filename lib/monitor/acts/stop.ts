import type { Command, View } from '../../protocol/decision.ts'
import { reason } from '../../protocol/reason.ts'
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
  const tell = (message: string) =>
    record(ports, {
      what: 'stop',
      term: head.term,
      head: head.number,
      node,
      reasons: [reason('operator', { message }), ...reasons],
    })
  port(node)
    .stop()
    .then((hash) => tell(`stopped at ${hash}`))
    .catch((error: Error) => tell(`could not be stopped (${error.message.split('\n')[0]}); its commits stay refused`))
}
