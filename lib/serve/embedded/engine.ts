import { BatonError } from '../../errors.ts'
import { startDynalite } from './dynalite.ts'
import { dynoxidePath, startDynoxide } from './dynoxide.ts'

/** The engine's answer to one call: DynamoDB's answer as JSON, or `{ error_type, message }`. */
export type EngineAnswer = { readonly failed: boolean; readonly text: string }

/** A database without a port: only the process that started it can call it. */
export type Engine = {
  readonly pid: number
  /** Resolves when it has ended, on request or not. */
  readonly ended: Promise<void>
  /**
   * Carries out one operation of DynamoDB.
   *
   * @throws when it has ended, has too many open calls, or gives no answer in time.
   */
  call(operation: string, input: object): Promise<EngineAnswer>
  stop(): Promise<void>
}

/** The embedded database cannot run here, or did not come up. */
export class EmbeddedDatabaseError extends BatonError {
  override readonly name = 'EmbeddedDatabaseError'
  override readonly code = 'embedded-database'
}

/** dynoxide has a binary for some platforms, dynalite runs on all. Data of one is not readable by the other. */
export type EngineName = 'dynoxide' | 'dynalite'

/** The engine for a platform. */
export function engineFor(platform?: string, arch?: string): EngineName {
  return dynoxidePath(platform, arch) === undefined ? 'dynalite' : 'dynoxide'
}

/**
 * Starts an engine in memory, or with its data in `file`.
 *
 * @throws EmbeddedDatabaseError where it cannot run, its own message when it is not up within `timeoutMs`.
 */
export async function startEngine(name: EngineName, file: string | undefined, timeoutMs: number): Promise<Engine> {
  if (name === 'dynoxide') {
    const binary = dynoxidePath()
    if (binary !== undefined) return await startDynoxide(binary, file, timeoutMs)
    throw new EmbeddedDatabaseError({
      message: `dynoxide is not installed for ${process.platform}-${process.arch}`,
      remedy: 'Leave the engine to Baton, or set store.endpoint to a DynamoDB API of your own.',
    })
  }
  return await startDynalite(file, timeoutMs)
}
