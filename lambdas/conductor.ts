import { openDesk } from '../lib/conductor/desk.ts'
import type { ChainConfig } from '../lib/config/chain-config.ts'
import { errorText, logError, toBatonError } from '../lib/gate/answer.ts'
import type { Desk } from '../lib/gate/desk.ts'
import { checkApproval } from '../lib/lambda/approvals.ts'
import { patientChains } from '../lib/lambda/chains.ts'
import { type DeskReply, deskCall } from '../lib/lambda/desk.ts'
import { wrap } from '../lib/lambda/wrap.ts'

const { chains, log, approvals } = patientChains()

/** Ends before the gate gives this function up (ms). */
const NODE_MS = 3_000

/** One for each configuration: it remembers what it saw of the nodes, and its connections. */
const desks = new WeakMap<ChainConfig, Desk>()

async function deskOf(chain: string): Promise<Desk> {
  const config = await chains.config(chain)
  const known = desks.get(config)
  if (known) return known
  const { l1: _, ...ports } = await chains.ports(chain)
  const permit: Parameters<typeof openDesk>[0]['permit'] = (act, input) => checkApproval({ act, ...input }, approvals)
  const desk = openDesk({ ports, nodes: config.nodes, timeoutMs: NODE_MS, permit })
  desks.set(config, desk)
  return desk
}

/**
 * Answers for the gate what op-conductor answers beside the commit path: getters, acts, and calls proxied to the leader.
 * Only the gate invokes it, after it has proved who calls and what they may do. It answers errors as texts: they are the
 * caller's, not failures of the function.
 */
export const handler = wrap(deskCall, async (call): Promise<DeskReply> => {
  try {
    const desk = await deskOf(call.chain)
    return { result: await desk(call) }
  } catch (thrown) {
    const error = toBatonError(thrown)
    const { chain, node, method, by } = call
    logError(log, error, { chain, node, method, by })
    return { error: errorText(error) }
  }
})
