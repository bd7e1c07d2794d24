import { BatonError } from '../lib/errors.ts'
import { printable, printableLines } from '../lib/protocol/printable.ts'
import { type Exit, exitCodes } from './exit-codes.ts'

/** A command that was called in a way it cannot be. */
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

/** The exit code an error leads to. */
export function exitOf(error: unknown): number {
  const name = error instanceof Error ? error.name : ''
  return exitCodes[exits[name] ?? 'failed'].code
}

/** What to tell about an error: in words, or as JSON for programs. */
export function formatError(error: unknown, json: boolean): string {
  const message = error instanceof Error ? error.message : String(error)
  const remedy = error instanceof BatonError ? error.remedy : undefined
  if (json) {
    const code = error instanceof BatonError ? error.code : error instanceof Error ? error.name : 'unknown'
    return printable(JSON.stringify({ error: { code, message, ...(remedy !== undefined && { remedy }) } }))
  }
  return printableLines(`baton: ${message}${remedy === undefined ? '' : `\n  ${remedy}`}`)
}
