import type { ConductorCall } from './conductor.ts'

/** What the network does to a node's calls to its conductor. */
export type ConductorNetwork = {
  /** The conductor's URL; its userinfo is sent as Basic auth, its path kept. */
  readonly url: () => string
  readonly reachable: () => boolean
  /** Whether this call's answer gets lost on the way back; asked once for each commit. */
  readonly losesReply: () => boolean
}

/** Calls a conductor over HTTP as op-node's client does. */
export function httpConductor({ url, reachable, losesReply }: ConductorNetwork): ConductorCall {
  let lastId = 0
  return async (method, params, signal) => {
    if (!reachable()) return unanswered(signal)
    lastId += 1
    const response = await fetch(...request(url(), lastId, method, params, signal))
    const text = await response.text()
    if (!reachable()) return unanswered(signal)
    if (method === 'conductor_commitUnsafePayload' && losesReply()) throw new Error('EOF')
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${text}`)
    const { result, error }: { result?: unknown; error?: { message: string } } = JSON.parse(text)
    if (error) throw new Error(error.message)
    return result
  }
}

function request(url: string, id: number, method: string, params: readonly unknown[], signal: AbortSignal) {
  const target = new URL(url)
  const { username, password } = target
  target.username = ''
  target.password = ''
  const userinfo = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' }
  if (username !== '') headers.authorization = `Basic ${userinfo.toString('base64')}`
  const body = JSON.stringify({ jsonrpc: '2.0', id, method, ...(params.length > 0 && { params }) })
  return [target, { method: 'POST', headers, body, signal }] as const
}

/** Packets vanish: nothing happens until the caller gives up. */
function unanswered(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
