import { classify } from '../chain/failure.ts'
import { mostBytes, type RawRequest, rawTransport } from '../chain/rpc-transport.ts'
import type { ChainPorts } from '../context/ports.ts'
import type { DeskCall, DeskMethod } from '../gate/desk.ts'
import { findMembers } from '../gate/raw-json.ts'
import { NodeAnswerError } from '../gate/rpc-errors.ts'
import type { NodeName } from '../protocol/records.ts'
import { BusyError, NodeSilentError, NotTheLeaderError } from './errors.ts'
import type { HeadNow } from './leader-now.ts'

/** Which client of a node answers a proxied method. */
const parts = {
  eth_getBlockByNumber: 'execution',
  miner_setMaxDASize: 'execution',
  optimism_syncStatus: 'consensus',
  optimism_outputAtBlock: 'consensus',
  optimism_rollupConfig: 'consensus',
  admin_sequencerActive: 'consensus',
} as const satisfies Partial<Record<DeskMethod, 'consensus' | 'execution'>>

/** A method that a node answers. */
export type ProxiedMethod = keyof typeof parts

export const isProxied = (method: DeskMethod): method is ProxiedMethod => Object.hasOwn(parts, method)

/** Where a node's clients listen. */
type Endpoints = { readonly name: NodeName; readonly consensus: string; readonly execution: string }

export type ProxyParts = {
  readonly ports: Pick<ChainPorts, 'port' | 'clock' | 'log'>
  readonly nodes: readonly Endpoints[]
  readonly headNow: HeadNow
  /** How long one node may take to answer (ms). */
  readonly timeoutMs: number
}

/** Calls that wait for nodes at once: more would only wait for each other. */
const MOST_WAITING = 64
/** How often a call that still waits makes sure that its node still leads (ms). */
const WATCH_MS = 500
/** How often a call follows the leader to another node. */
const TRIES = 3

/** A call of a proxied method. */
type ProxiedCall = DeskCall & { readonly method: ProxiedMethod }

/**
 * Passes calls on to the leader alone, as the head names it. The head is read again *after* the node has answered: an
 * answer counts only if its node still led when it was complete. A node that was fenced, frozen and thawed since is
 * never followed, whatever it says about itself.
 */
export function leaderProxy(given: ProxyParts): (call: ProxiedCall) => Promise<string> {
  const { ports, nodes, headNow, timeoutMs } = given
  const clients = new Map(
    nodes.map(({ name, consensus, execution }) => [
      name,
      { consensus: rawTransport(consensus), execution: rawTransport(execution) },
    ]),
  )
  let waiting = 0
  let last: NodeName | undefined

  const leaderNow = async () => {
    last = (await headNow())?.leader || undefined
    return last
  }
  const ask = async (node: NodeName, { method, params }: ProxiedCall): Promise<string> => {
    const client = clients.get(node)?.[parts[method]]
    if (!client) throw new NodeSilentError(node, 'is not configured here')
    await ports.port(node).prove?.(parts[method])
    return await request(client, node, { method, params }, timeoutMs)
  }
  /** An answer of the node, or `undefined` as soon as another one leads. */
  const askWhileLeading = async (node: NodeName, call: ProxiedCall): Promise<Answer | undefined> => {
    const asked = settled(ask(node, call))
    const over = new AbortController()
    const watch = async () => {
      for (;;) {
        await ports.clock.sleep(WATCH_MS, over.signal)
        if (over.signal.aborted) return undefined
        if ((await leaderNow()) !== node) return undefined
      }
    }
    try {
      const answer = await Promise.race([asked, watch()])
      return answer && (await leaderNow()) === node ? answer : undefined
    } finally {
      over.abort()
    }
  }
  const forward = async (call: ProxiedCall): Promise<string> => {
    for (let tries = 0; tries < TRIES; tries++) {
      const node = last !== undefined && (call.node ?? last) === last ? last : await leaderNow()
      if (node === undefined || (call.node !== undefined && call.node !== node)) throw new NotTheLeaderError(node)
      const answer = await askWhileLeading(node, call)
      if (answer) return resultOf(answer)
    }
    throw new NotTheLeaderError(last)
  }
  /** The leader's answer counts; a standby that refuses is logged. At a node's path it is that node's alone. */
  const setEverywhere = async (call: ProxiedCall): Promise<string> => {
    if (call.node !== undefined) return await ask(call.node, call)
    const leader = await leaderNow()
    if (leader === undefined) throw new NotTheLeaderError(leader)
    const answers = await Promise.all(nodes.map(async ({ name }) => ({ name, answer: await settled(ask(name, call)) })))
    for (const { name, answer } of answers) {
      if (!answer.ok && name !== leader)
        ports.log.warn(`${call.method} did not reach a standby`, { node: name, error: answer.error })
    }
    const own = answers.find(({ name }) => name === leader)
    return own ? resultOf(own.answer) : await ask(leader, call)
  }
  return async (call) => {
    if (waiting >= MOST_WAITING) throw new BusyError(MOST_WAITING)
    waiting += 1
    try {
      return await (call.method === 'miner_setMaxDASize' ? setEverywhere(call) : forward(call))
    } finally {
      waiting -= 1
    }
  }
}

type Answer = { readonly ok: true; readonly result: string } | { readonly ok: false; readonly error: unknown }

const settled = (asked: Promise<string>): Promise<Answer> =>
  asked.then(
    (result) => ({ ok: true, result }),
    (error: unknown) => ({ ok: false, error }),
  )

function resultOf(answer: Answer): string {
  if (answer.ok) return answer.result
  throw answer.error
}

/** Sends one call; the result is the JSON text the node sent, byte for byte. */
async function request(
  client: RawRequest,
  node: NodeName,
  call: Pick<ProxiedCall, 'method' | 'params'>,
  timeoutMs: number,
): Promise<string> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: call.method, params: call.params })
  const answer = await client(body, { timeoutMs, limit: mostBytes([call]) }).catch((cause: unknown) => {
    throw new NodeSilentError(node, classify(cause).message, cause)
  })
  const members = membersOf(answer)
  const result = members?.get('result')
  const error = members?.get('error')
  if (error && answer.toString('utf8', error.start, error.end) !== 'null')
    throw new NodeAnswerError(answer.toString('utf8', error.start, error.end))
  if (!result) throw new NodeSilentError(node, 'its answer is not JSON-RPC')
  return answer.toString('utf8', result.start, result.end)
}

/** The members of an answer; `undefined` = it is no complete object. Only its frame is read: it may be a whole block. */
function membersOf(answer: Buffer): ReturnType<typeof findMembers> | undefined {
  const text = answer.subarray(0, answer.length)
  const last = text.findLastIndex((byte) => byte > 0x20)
  if (text.findIndex((byte) => byte > 0x20) < 0 || text[last] !== 0x7d) return undefined
  try {
    return findMembers(text.subarray(0, last + 1), 0)
  } catch {
    return undefined
  }
}
