import * as v from 'valibot'
import type { BoostHealth } from '../protocol/builder.ts'
import { printable } from '../protocol/printable.ts'

/** The health endpoint of a rollup-boost. */
export type BoostEndpoint = {
  readonly health: string
  /** `status`: 200, 206 and 503 say it. `json`: the field `rollup_boost_health` of a body does. */
  readonly form: 'status' | 'json'
  readonly timeoutMs: number
}

const BY_STATUS: Readonly<Record<number, BoostHealth>> = { 200: 'healthy', 206: 'partial', 503: 'unhealthy' }

/** op-conductor/client/rollupboost_next.go */
const BY_WORD = { Healthy: 'healthy', PartialContent: 'partial', ServiceUnavailable: 'unhealthy' } as const
const body = v.object({ rollup_boost_health: v.picklist(['Healthy', 'PartialContent', 'ServiceUnavailable']) })

/** The bytes read of an answer. */
const MOST_BYTES = 64 * 1024

/** Asks a rollup-boost for its health. Never throws: what is no such answer is `down`, with the cause. */
export async function askBoost({
  health: url,
  form,
  timeoutMs,
}: BoostEndpoint): Promise<{ readonly health: BoostHealth; readonly message?: string }> {
  try {
    const { target, headers } = withoutUserinfo(url)
    const response = await fetch(target, { headers, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
    const text = await readText(response)
    if (form === 'json' && response.status === 200)
      return { health: BY_WORD[v.parse(body, JSON.parse(text)).rollup_boost_health] }
    const health = form === 'status' ? BY_STATUS[response.status] : undefined
    return health ? { health } : { health: 'down', message: `HTTP ${response.status}` }
  } catch (error) {
    return { health: 'down', message: causeOf(error) }
  }
}

/** `fetch` refuses a URL with a user name; it becomes Basic auth, as for a node. */
function withoutUserinfo(url: string): { readonly target: URL; readonly headers: Readonly<Record<string, string>> } {
  const target = new URL(url)
  const { username, password } = target
  target.username = ''
  target.password = ''
  if (username === '' && password === '') return { target, headers: {} }
  const userinfo = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { target, headers: { authorization: `Basic ${Buffer.from(userinfo).toString('base64')}` } }
}

async function readText({ body: stream }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream ?? []) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error(`the answer is larger than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function causeOf(error: unknown): string {
  if (error instanceof SyntaxError || error instanceof v.ValiError) return 'the answer is not of rollup-boost'
  const { cause, message } = error as Error
  return printable(cause instanceof Error ? cause.message : message)
}
