import * as v from 'valibot'
import { AnsweredError, isUnknownMethod } from '../errors.ts'
import type { EngineClient } from './client.ts'

/** An engine method with several versions, each for some forks. */
export type VersionedMethod = 'engine_newPayload' | 'engine_getPayload' | 'engine_forkchoiceUpdated'

/** An engine's error for a version that does not match its chain's fork. */
const UNSUPPORTED_FORK = -38005
/** Versions for an engine that does not list its methods. */
const NEWEST_KNOWN: Readonly<Record<VersionedMethod, number>> = {
  engine_newPayload: 4,
  engine_getPayload: 5,
  engine_forkchoiceUpdated: 3,
}

/** The engine has no version of a method for its chain's fork: it is too old for the chain. */
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
 * Calls a method in the version of its chain's fork. A block's content gives the lowest version. A later fork may
 * require a later version for the same content (Karst: `getPayload` V5), which only the engine knows: when it rejects a
 * version, tries the next one it lists.
 *
 * - JSON-RPC: `engine_exchangeCapabilities`, once per client, before the call
 *
 * @param lowest the fallback for an engine without `least` and later.
 * @throws NoEngineMethodError when the engine has no matching version.
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
  // The engine may have been upgraded since it listed its methods.
  offered.delete(engine)
  throw new NoEngineMethodError(method, least, known, refused)
}

/** The versions of a method that an engine lists, in order. */
async function versionsOf(engine: EngineClient, method: VersionedMethod): Promise<number[]> {
  if (!offered.has(engine)) offered.set(engine, await capabilitiesOf(engine))
  const all = offered.get(engine)
  if (!all) return Array.from({ length: NEWEST_KNOWN[method] }, (_, i) => i + 1)
  const versions = [...all]
    .filter((name) => name.startsWith(`${method}V`))
    .map((name) => Number(name.split('V').at(-1)))
  return versions.filter(Number.isSafeInteger).sort((a, b) => a - b)
}

/** `undefined` = the engine cannot list its methods. */
async function capabilitiesOf(engine: EngineClient): Promise<ReadonlySet<string> | undefined> {
  try {
    return await exchangeCapabilities(engine)
  } catch (error) {
    if (isUnknownMethod(error)) return undefined
    throw error
  }
}

const methods = v.array(v.string())

/** The methods Baton may call; engines log missing ones. */
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
 * Asks an engine for its methods; changes nothing. Also the cheapest proof that it accepts the token.
 *
 * - JSON-RPC: `engine_exchangeCapabilities`
 */
export async function exchangeCapabilities(engine: EngineClient): Promise<ReadonlySet<string>> {
  return new Set(v.parse(methods, await engine.request({ method: 'engine_exchangeCapabilities', params: [OURS] })))
}
