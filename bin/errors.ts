import { BatonError } from '../lib/errors.ts'
import type { Decision } from '../lib/protocol/decision.ts'
import { printable, printableLines } from '../lib/protocol/printable.ts'

/** A command was called the wrong way. */
export class UsageError extends BatonError {
  override readonly name = 'UsageError'
  override readonly code = 'usage'

  constructor(message: string, remedy: string) {
    super({ message, remedy })
  }
}

const exits: Readonly<Record<string, Exit>> = {
  UsageError: 'usage',
  CLIError: 'usage',
  ConfigurationError: 'usage',
  StoreUnavailableError: 'store',
  RefusedActError: 'refused',
  IdentityError: 'refused',
  AlreadyRunsError: 'refused',
  UnfinishedActError: 'failed',
  ResequenceRefused: 'refused',
}

/** The exit code of an error. */
export function exitOf(error: unknown): number {
  const name = error instanceof Error ? error.name : ''
  return exitCodes[exits[name] ?? 'failed'].code
}

/** The report of an error: as text, or as JSON for programs. */
export function formatError(error: unknown, json: boolean): string {
  const message = error instanceof Error ? error.message : String(error)
  const remedy = error instanceof BatonError ? error.remedy : undefined
  if (json) {
    const code = error instanceof BatonError ? error.code : error instanceof Error ? error.name : 'unknown'
    return printable(JSON.stringify({ error: { code, message, ...(remedy !== undefined && { remedy }) } }))
  }
  return printableLines(`baton: ${message}${remedy === undefined ? '' : `\n  ${remedy}`}`)
}

/** How a command can end. Scripts may rely on the numbers. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; for status and explain: the chain is fine' },
  failed: { code: 1, meaning: 'failed' },
  usage: { code: 2, meaning: 'bad usage or configuration; nothing was tried' },
  unwell: { code: 3, meaning: 'status, explain: the chain is halted or degraded' },
  store: { code: 4, meaning: 'the store does not answer; a write may or may not have been applied' },
  refused: { code: 5, meaning: 'the act was refused; nothing was changed' },
  pending: { code: 6, meaning: 'switchover: requested, but not carried out yet' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

/** The name of an exit code. */
type Exit = keyof typeof exitCodes

/** The exit code of a command that shows a chain, by the chain's condition. */
export function exitOfChain({ condition }: Decision): number {
  return condition === 'halted' || condition === 'degraded' ? exitCodes.unwell.code : exitCodes.ok.code
}
