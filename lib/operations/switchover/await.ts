import type { ChainPorts } from '../../context/ports.ts'
import { readOutcome } from '../../operator/switchover-once.ts'
import type { AskedSwitchover, Outcome } from '../../protocol/outcome.ts'
import { formatReasons, formatSpan } from '../../text/format.ts'
import { formatOutcome } from '../../text/outcome.ts'

/** A switchover takes little more than a block time; this long without one means that no monitor is at work. */
const TIMEOUT_MS = 20_000
const EVERY_MS = 150

/** The result of a switchover, for programs and for people. */
export type Awaited = {
  readonly result: Outcome & { readonly why?: unknown }
  readonly message: string
  readonly exit: 'ok' | 'failed' | 'refused' | 'pending'
}

const exits = {
  pending: 'pending',
  moved: 'ok',
  'rolled-back': 'failed',
  overtaken: 'failed',
  refused: 'refused',
  withdrawn: 'refused',
} as const satisfies Record<Outcome['outcome'], Awaited['exit']>

/** Waits until a switchover is carried out (with a commit), refused or withdrawn; 20 s at most. */
export async function awaitSwitchover(ports: ChainPorts, asked: AskedSwitchover): Promise<Awaited> {
  const { clock } = ports
  const began = clock.monotonic()
  for (;;) {
    const result = await readOutcome(ports, asked)
    const ms = clock.monotonic() - began
    const message = formatOutcome(asked, result)
    const exit = exits[result.outcome]
    switch (result.outcome) {
      case 'pending':
        if (ms > TIMEOUT_MS)
          return {
            result,
            exit,
            message: `${message} after ${formatSpan(ms)}: see "baton status", and whether a monitor is active`,
          }
        await clock.sleep(EVERY_MS)
        break
      case 'moved':
        return { result, exit, message: `${message}, ${formatSpan(ms)} after it was asked for` }
      case 'rolled-back':
      case 'overtaken': {
        const why = await grantReasons(ports, result.term)
        return { result: { ...result, ...(why && { why }) }, exit, message: why ? `${message}: ${why}` : message }
      }
      default:
        return { result, exit, message }
    }
  }
}

/** Why the current term was granted, if its record is at hand. */
async function grantReasons({ history, chain }: ChainPorts, term: number): Promise<string | undefined> {
  const newest = await history.list(chain.id, { limit: 10 })
  const record = newest.find((each) => each.what === 'grant' && each.term === term)
  return record && formatReasons(record.reasons)
}
