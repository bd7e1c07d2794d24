import { ConfigurationError } from '../lib/config/error.ts'
import type { Snapshot } from '../lib/context/inspect.ts'
import { BatonError } from '../lib/errors.ts'
import { printable, printableLines } from '../lib/protocol/printable.ts'
import { JSON_VERSION } from './json-version.ts'

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
    return printable(
      JSON.stringify({
        version: JSON_VERSION,
        kind: 'error',
        error: { code, message, ...(remedy !== undefined && { remedy }), ...problemsOf(error) },
      }),
    )
  }
  return printableLines(`baton: ${message}${remedy === undefined ? '' : `\n  ${remedy}`}`)
}

/** The invalid fields of a configuration, for programs. */
function problemsOf(error: unknown): object {
  return error instanceof ConfigurationError ? { problems: error.problems } : {}
}

/** How a command can end. Scripts may rely on the numbers. */
export const exitCodes = {
  ok: { code: 0, meaning: 'done; for status and explain: the chain runs, moves, or is only observed' },
  failed: { code: 1, meaning: 'failed' },
  usage: { code: 2, meaning: 'bad usage or configuration; nothing was tried' },
  unwell: { code: 3, meaning: 'status, explain: the chain is halted or degraded, or no node answers' },
  store: { code: 4, meaning: 'the store does not answer; a write may or may not have been applied' },
  refused: { code: 5, meaning: 'the act was refused; nothing was changed' },
  pending: { code: 6, meaning: 'switchover: requested, but not carried out yet' },
  paused: { code: 7, meaning: 'status, explain: the chain runs, but Baton is paused or pinned: see "baton resume"' },
} as const satisfies Record<string, { readonly code: number; readonly meaning: string }>

/** The name of an exit code. */
type Exit = keyof typeof exitCodes

/**
 * The exit code of a command that shows a chain. 0 includes a chain that Baton only observes, and one that moves. A
 * forgotten pause or hold is not fine: the next failure would not be handled.
 */
export function exitOfChain({ decision, view }: Pick<Snapshot, 'decision' | 'view'>): number {
  const { condition } = decision
  const isAlive = view.nodes.some(({ name }) => view.observed[name]?.observation.consensus.ok)
  if (condition === 'halted' || condition === 'degraded' || !isAlive) return exitCodes.unwell.code
  const isFree = view.lease === undefined || view.lease.mode === 'auto'
  return isFree ? exitCodes.ok.code : exitCodes.paused.code
}
