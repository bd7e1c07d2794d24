import type { GateResponse } from '../../lib/gate/answer.ts'
import type { CommitResult, CommitTimings } from '../../lib/gate/context.ts'
import { createGate, type Gate, type GateOptions } from '../../lib/gate/handle.ts'
import type { Log } from '../../lib/log.ts'
import { seedHead } from '../../lib/protocol/bootstrap.ts'
import { fence } from '../../lib/protocol/grant.ts'
import type { Head, NodeName } from '../../lib/protocol/records.ts'
import { memoryHeads, memoryObjects } from '../../lib/store/memory/stores.ts'
import type { HeadStore, ObjectStore } from '../../lib/store/stores.ts'
import { blockOf } from './payloads.ts'

/** The chain and secrets of the tests. */
export const CHAIN = '901'
export const SECRETS: Readonly<Record<NodeName, readonly string[]>> = {
  a: ['secret-of-a'],
  b: ['secret-of-b', 'next-secret-of-b'],
}

/** What a gate gave its log and metrics. */
export type Reported = {
  readonly lines: { level: 'info' | 'warn' | 'error'; message: string; facts: object | undefined }[]
  readonly commits: { result: CommitResult; timings: CommitTimings }[]
  readonly calls: string[]
}

/** A gate on stores in memory whose head is block 10, held by node a in term 2. */
export type Rig = Reported & {
  readonly gate: Gate
  readonly heads: HeadStore
  readonly objects: ObjectStore
  head(): Promise<Head | undefined>
}

export async function rig(options: Partial<GateOptions> & { leader?: NodeName; seeded?: boolean } = {}): Promise<Rig> {
  const { leader = 'a', seeded = true, ...overrides } = options
  const heads = overrides.heads ?? memoryHeads()
  const objects = overrides.objects ?? memoryObjects()
  const reported: Reported = { lines: [], commits: [], calls: [] }
  const say = (level: 'info' | 'warn' | 'error') => (message: string, facts?: object) =>
    void reported.lines.push({ level, message, facts })
  const log: Log = { info: say('info'), warn: say('warn'), error: say('error') }
  if (seeded) await seed(heads, leader)
  const gate = createGate({
    findSecrets: (chain, node) => (chain === CHAIN ? SECRETS[node] : undefined),
    readyChain: CHAIN,
    version: '1.2.3',
    log,
    metrics: {
      commit: (_, result, timings) => void reported.commits.push({ result, timings }),
      call: (_, method, result) => void reported.calls.push(`${method} ${result}`),
    },
    ...overrides,
    heads,
    objects,
  })
  return { ...reported, gate, heads, objects, head: () => heads.readWithPayload(CHAIN) }
}

async function seed(heads: HeadStore, leader: NodeName) {
  await heads.write(CHAIN, seedHead(blockOf(10), 1, 1_000))
  await heads.write(CHAIN, fence(leader, 2, 1_001))
}

/** The Authorization header of a node with its secret. */
export function basic(node: string, secret = SECRETS[node]?.[0] ?? ''): string {
  return `Basic ${Buffer.from(`${node}:${secret}`).toString('base64')}`
}

/** Sends a body as a node does. */
export async function send(gate: Gate, node: NodeName, body: string | Uint8Array): Promise<GateResponse> {
  return gate({
    method: 'POST',
    path: `/v1/chains/${CHAIN}/nodes/${node}`,
    authorization: basic(node),
    body: typeof body === 'string' ? Buffer.from(body) : body,
  })
}

/** A JSON-RPC answer as the tests look at it. */
export type Answer = {
  readonly jsonrpc: '2.0'
  readonly id: number | string | null
  readonly result?: boolean | null
  readonly error?: { readonly code: number; readonly message: string; readonly data: Record<string, unknown> }
}

/** Calls a method as a node does, and checks that the answer is well-formed. */
export async function call(gate: Gate, node: NodeName, method: string, params?: readonly unknown[]): Promise<Answer> {
  const { status, body } = await send(gate, node, JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }))
  const answer: Answer = JSON.parse(body)
  if (status !== 200 || answer.id !== 7) throw new Error(`${status} ${body}`)
  return answer
}

/** Commits an envelope as a node does. */
export function commitAs(gate: Gate, node: NodeName, envelope: unknown): Promise<Answer> {
  return call(gate, node, 'conductor_commitUnsafePayload', [envelope])
}
