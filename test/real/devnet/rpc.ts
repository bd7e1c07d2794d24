/** What the server answered instead of a result. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message} (${code})`)
    this.code = code
  }
}

type Answer = { id: number; result?: unknown; error?: { code: number; message: string } }

/** One JSON-RPC call; a frozen server is an error after `timeoutMs`. */
export async function rpc<T = unknown>(
  url: string,
  method: string,
  params: readonly unknown[] = [],
  timeoutMs = 5_000,
): Promise<T> {
  const [result] = await rpcBatch<T>(url, [[method, params]], timeoutMs)
  return result as T
}

/** Several calls in one request; throws the first error any of them is answered with. */
export async function rpcBatch<T = unknown>(
  url: string,
  calls: readonly (readonly [method: string, params: readonly unknown[]])[],
  timeoutMs = 5_000,
): Promise<T[]> {
  const requests = calls.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(requests.length === 1 ? requests[0] : requests),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => {
    // fetch's own message, "fetch failed", names neither the server nor the reason.
    const reason = error.cause instanceof Error ? error.cause.message : error.message
    throw new Error(`${calls[0]?.[0]} on ${url}: ${reason}`, { cause: error })
  })
  const body = (await response.json()) as Answer | Answer[]
  const answers = new Map((Array.isArray(body) ? body : [body]).map((answer) => [answer.id, answer]))
  return calls.map(([method], id) => {
    // A request refused as a whole is answered without an id.
    const answer = answers.get(id) ?? [...answers.values()][0]
    if (answer?.error) throw new RpcError(method, answer.error.code, answer.error.message)
    return answer?.result as T
  })
}
