import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Answer, ConsensusIdentity, ExecutionIdentity, RollupFields } from '../protocol/observation.ts'
import type { NodeClient } from './client.ts'
import { AnsweredError, isUnknownMethod } from './errors.ts'
import { answer } from './failure.ts'
import { hash, quantity } from './schema.ts'

/** The most fields kept of a configuration, and how deep they nest: they are compared, and shown to people. */
const MAX_FIELDS = 500
const MAX_DEPTH = 12

/** Shown to people later: allows only the characters of addresses, hashes, numbers and names. */
const value = v.pipe(v.string(), v.maxLength(80), v.regex(/^[\w.:/+-]*$/))
const genesisBlock = v.object({ hash })
const self = v.object({ peerID: v.pipe(v.string(), v.regex(/^\w{1,128}$/)) })

/**
 * Reads a consensus client's identity. Omits the field of a missing method: some clients have no p2p, and older or
 * other ones may not report their configuration. Fails when the client does not answer.
 *
 * - JSON-RPC: `optimism_rollupConfig`, `opp2p_self`
 */
export async function getConsensusIdentity(client: NodeClient): Promise<Answer<ConsensusIdentity>> {
  const [config, peer] = await Promise.all([
    answer(client.request({ method: 'optimism_rollupConfig' })),
    answer(client.request({ method: 'opp2p_self' })),
  ])
  if (isAway(config)) return config
  const rollup = config.ok ? flatten(config.value) : {}
  const reported = peer.ok ? v.safeParse(self, peer.value) : undefined
  return {
    ok: true,
    value: {
      ...(Object.keys(rollup).length > 0 && { rollup }),
      ...(reported?.success && { peer: reported.output.peerID }),
    },
  }
}

/**
 * Reads an execution client's chain. Omits the field of a refused method; fails when the client does not answer or the
 * answer is invalid.
 *
 * - JSON-RPC: `eth_chainId`, `eth_getBlockByNumber` of block 0, `miner_setMaxDASize` without parameters
 */
export async function getExecutionIdentity(client: NodeClient): Promise<Answer<ExecutionIdentity>> {
  const [id, block, throttled] = await Promise.all([
    answer(client.request({ method: 'eth_chainId' })),
    answer(client.request({ method: 'eth_getBlockByNumber', params: ['0x0', false] })),
    offersThrottling(client),
  ])
  if (isAway(id)) return id
  if (isAway(block)) return block
  const chainId = id.ok ? v.safeParse(quantity, id.value) : undefined
  const genesis = block.ok ? v.safeParse(genesisBlock, block.value) : undefined
  return {
    ok: true,
    value: {
      ...(chainId?.success && { chainId: chainId.output }),
      ...(genesis?.success && { genesis: genesis.output.hash }),
      ...(throttled !== undefined && { throttled }),
    },
  }
}

/** The client was unreachable or rejected all access: nothing is known. Refusing one method is an answer. */
function isAway<T>(asked: Answer<T>): asked is Extract<Answer<T>, { ok: false }> {
  return !asked.ok && asked.failure !== 'method' && asked.failure !== 'other'
}

/**
 * Flattens a configuration to values by path; lower-cases hashes, so that case makes no difference. A text that is not
 * fit to be shown is kept as a digest, a list by its entries and its length: both are compared all the same.
 */
function flatten(config: unknown): RollupFields {
  const fields: Record<string, string> = {}
  let left = MAX_FIELDS
  const add = (each: unknown, path: string, depth: number): void => {
    if (each === null || each === undefined) return
    if (typeof each !== 'object') {
      if (path !== '' && left-- > 0) fields[path] = shown(String(each).toLowerCase())
      return
    }
    if (Array.isArray(each)) add(each.length, `${path}.length`, depth)
    if (depth >= MAX_DEPTH) return
    for (const [key, inner] of Object.entries(each)) {
      if (left <= 0) return
      if (/^[\w-]{1,60}$/.test(key)) add(inner, path === '' ? key : `${path}.${key}`, depth + 1)
    }
  }
  add(config, '', 0)
  return fields
}

function shown(text: string): string {
  if (v.safeParse(value, text).success) return text
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

/** JSON-RPC: the method exists, and its parameters are insufficient. */
const INVALID_PARAMS = -32602

/**
 * Whether an execution client serves `miner_setMaxDASize`, which a batcher uses to throttle a sequencer; `undefined` =
 * unknown. Calls it without its two parameters, which every client refuses: nothing is set.
 *
 * - JSON-RPC: `miner_setMaxDASize`
 */
export async function offersThrottling(client: NodeClient): Promise<boolean | undefined> {
  try {
    await client.request({ method: 'miner_setMaxDASize' })
    return undefined
  } catch (error) {
    if (error instanceof AnsweredError && error.code === INVALID_PARAMS) return true
    return isUnknownMethod(error) ? false : undefined
  }
}
