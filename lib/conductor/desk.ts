import type { ChainPorts } from '../context/ports.ts'
import { retryWhileUnavailable } from '../context/retry.ts'
import type { Desk, DeskCall } from '../gate/desk.ts'
import { InvalidParamsError } from '../gate/rpc-errors.ts'
import type { Lease } from '../protocol/records.ts'
import { actAnswers } from './acts.ts'
import type { Answers, Asked } from './answers.ts'
import { getterAnswers } from './getters.ts'
import { healthOf } from './health.ts'
import { headNow } from './leader-now.ts'
import { type MemberConfig, membershipOf } from './membership.ts'
import { mostParams } from './most-params.ts'
import { isProxied, leaderProxy } from './proxy.ts'

export type DeskParts = {
  readonly ports: ChainPorts
  /** The nodes as configured, with the addresses of their clients. */
  readonly nodes: readonly (MemberConfig & { readonly execution: string })[]
  /** How long a node may take to answer a proxied call (ms); default {@link PROXY_MS}. */
  readonly timeoutMs?: number
  /** Throws when an act needs an approval that cannot be asked for here. Default: none does. */
  readonly permit?: Asked['permit']
}

/** How often a record is read while the store does not answer: for about a second and a half at most. */
const READ_RETRIES = { tries: 3, pauseMs: 100 } as const

/** op-conductor's own clients wait as long. */
const PROXY_MS = 10_000

/**
 * Answers what op-conductor answers beside the commit path, for one chain: its getters from Baton's records and a look
 * at the nodes, its acts by Baton's own, its proxied methods by the leader.
 */
export function openDesk({ ports, nodes, timeoutMs = PROXY_MS, permit = () => {} }: DeskParts): Desk {
  const { id } = ports.chain
  const { clock } = ports
  // The stores of a gate give up as soon as a commit must; these callers have longer, and some end at one error.
  const patient = <T>(read: () => Promise<T>) => retryWhileUnavailable(clock, READ_RETRIES, read)
  const now = headNow(() => patient(() => ports.heads.read(id)), clock)
  const proxy = leaderProxy({ ports, nodes, headNow: now, timeoutMs })
  const asked: Asked = {
    ports,
    membership: membershipOf(nodes),
    head: now,
    lease: (): Promise<Lease | undefined> => patient(() => ports.leases.read(id)),
    healthy: healthOf(ports, patient),
    permit,
  }
  const answers: Answers = { ...getterAnswers, ...actAnswers }
  return async (call: DeskCall) => {
    const { method } = call
    if (isProxied(method)) return await proxy({ ...call, method })
    const most = mostParams[method]
    if (call.params.length > most) throw new InvalidParamsError('params', `too many arguments, want at most ${most}`)
    return JSON.stringify(await answers[method](asked, call))
  }
}
