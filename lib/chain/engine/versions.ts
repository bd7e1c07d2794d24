import * as v from 'valibot'
import { AnsweredError, isUnknownMethod } from '../errors.ts'
import type { EngineClient } from './client.ts'

/** A method of which engines have several versions, one for some forks each. */
export type VersionedMethod = 'engine_newPayload' | 'engine_getPayload' | 'engine_forkchoiceUpdated'

/** What an engine answers to a version that is not its chain's fork's. */
const UNSUPPORTED_FORK = -38005
/** An engine that does not say what it has is asked by these. */
const NEWEST_KNOWN: Readonly<Record<VersionedMethod, number>> = {
  engine_newPayload: 4,
  engine_getPayload: 5,
  engine_forkchoiceUpdated: 3,
}

/** An engine has no version of a method that goes with its chain's fork: it is too old for the chain. */
export class NoEngineMethodError extends Error {
  override readonly name = 'NoEngineMethodError'
  constructor(method: VersionedMethod, least: number, offered: readonly number[], refused: readonly number[]) {
    const has = offered.length === 0 ? `no ${method}` : `${method} V${offered.join(', V')}`
    const tried = refused.length === 0 ? `V${least} or later is needed` : `it refuses V${refused.join(', V')}`
    super(`the execution client has ${has}, and ${tried} for its chain's fork: install a version that knows the fork`)
  }
}

const offered = new WeakMap<EngineClient, ReadonlySet<string> | undefined>()

/**
 * Calls a method in the version that is its chain's fork's. What a block holds tells the least version; a later fork
 * may want a later one of the same content (Karst: `getPayload` V5), which only the engine knows: of the versions it
 * says it has, the next is tried when it answers that this one is not the fork's.
 *
 * - JSON-RPC: `engine_exchangeCapabilities`, once for a client, before the call
 *
 * @param lowest what an engine without `least` and later may be asked by instead.
 * @throws NoEngineMethodError when the engine has none that fits.
 */
export async function inItsVersion<T>(
  engine: EngineClient,
  method: VersionedMethod,
  { least, lowest = least }: { readonly least: number; readonly lowest?: number },
  call: (version: number) => Promise<T>,
): Promise<T> {
  const known = await versionsOf(engine, method)
  const later = known.filter((version) => version >= least)
  const older = known.filter((version) => version >= lowest && version < least).reverse()
  const refused: number[] = []
  for (const version of later.length > 0 ? later : older) {
    try {
      return await call(version)
    } catch (error) {
      if (!(error instanceof AnsweredError) || error.code !== UNSUPPORTED_FORK) throw error
      refused.push(version)
    }
  }
  // It may have been upgraded since it was asked.
  offered.delete(engine)
  throw new NoEngineMethodError(method, least, known, refused)
}

/** The versions of a method an engine says it has, in order. */
async function versionsOf(engine: EngineClient, method: VersionedMethod): Promise<number[]> {
  if (!offered.has(engine)) offered.set(engine, await capabilitiesOf(engine))
  const all = offered.get(engine)
  if (!all) return Array.from({ length: NEWEST_KNOWN[method] }, (_, i) => i + 1)
  const versions = [...all]
    .filter((name) => name.startsWith(`${method}V`))
    .map((name) => Number(name.split('V').at(-1)))
  return versions.filter(Number.isSafeInteger).sort((a, b) => a - b)
}

/** `undefined` = it has no way to say it. */
async function capabilitiesOf(engine: EngineClient): Promise<ReadonlySet<string> | undefined> {
  try {
    return await exchangeCapabilities(engine)
  } catch (error) {
    if (isUnknownMethod(error)) return undefined
    throw error
  }
}

const methods = v.array(v.string())

/** What Baton may call; engines log what they miss. */
const OURS = [
  'engine_newPayloadV1',
  'engine_newPayloadV2',
  'engine_newPayloadV3',
  'engine_newPayloadV4',
  'engine_forkchoiceUpdatedV1',
  'engine_forkchoiceUpdatedV2',
  'engine_forkchoiceUpdatedV3',
  'engine_getPayloadV2',
  'engine_getPayloadV3',
  'engine_getPayloadV4',
  'engine_getPayloadV5',
  'engine_getPayloadBodiesByRangeV1',
]

/**
 * Asks an engine which methods it has; changes nothing. Also the cheapest proof that the token is accepted.
 *
 * - JSON-RPC: `engine_exchangeCapabilities`
 */
export async function exchangeCapabilities(engine: EngineClient): Promise<ReadonlySet<string>> {
  return new Set(v.parse(methods, await engine.request({ method: 'engine_exchangeCapabilities', params: [OURS] })))
}
