import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BatonError } from '../errors.ts'
import type { Snapshot } from '../monitor/snapshot.ts'
import type { Acts, FaultStates } from './acts.ts'
import { refuseAct, refuseStranger } from './guard.ts'
import { contentPolicy, headers } from './headers.ts'
import { perform, plan } from './perform.ts'
import { renderControls } from './render-controls.ts'
import { renderRun } from './render-run.ts'
import { renderState } from './render-state.ts'
import { renderShell } from './shell.ts'
import { streamNews } from './stream-news.ts'
import { summarize } from './summary.ts'
import { toJson } from './to-json.ts'

/** What an act may say in its body, in bytes. */
const MAX_BODY = 4_096

/** How long a request may take to arrive (ms); what is answered, such as /events, may stay open. */
const patience = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 }

export type ServePageOptions = {
  /** Loopback address; default 127.0.0.1. */
  readonly host?: string
  /** 0 = any free port. */
  readonly port: number
  readonly snapshot: () => Snapshot | Promise<Snapshot>
  /** Calls back whenever there is something new to see (a block, an act); returns how to stop that. */
  readonly subscribe?: (changed: () => void) => () => void
  readonly acts?: Acts
  /** What each simulated node suffers from right now. */
  readonly faults?: () => FaultStates
}

export type PageServer = {
  /** Where the page is: `http://127.0.0.1:8550/`. */
  readonly url: string
  /** What acts must carry in the header `x-baton-token`; new for each process. */
  readonly token: string
  readonly close: () => Promise<void>
}

/** The page cannot listen where it should. */
export class PageAddressError extends BatonError {
  override readonly name = 'PageAddressError'
  override readonly code = 'page-address'

  constructor(host: string, port: number, cause: unknown) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    super({
      message: `the page cannot listen on ${host}:${port}: ${taken ? 'the port is taken' : (cause as Error).message}`,
      remedy: 'End the program that listens there, or choose another port with --port or page.port.',
      cause,
    })
  }
}

/**
 * Serves the page on loopback: `/`, `/events` (server-sent), `/state.json`, `POST /acts/<verb>`, and
 * `POST /plans/<procedure>`, which changes nothing.
 * Whoever can reach the port can read; only the page itself, or who knows the token, can act.
 *
 * @throws PageAddressError
 */
export async function servePage(options: ServePageOptions): Promise<PageServer> {
  const { host = '127.0.0.1', snapshot, acts = {}, faults } = options
  const token = randomBytes(24).toString('base64url')
  const hosts = new Set<string>()
  const fragments = async () => {
    const seen = await snapshot()
    const { condition, headline } = summarize(seen)
    const run = acts.procedures?.run()
    const at = Date.now()
    return {
      title: `${condition === 'ok' ? '' : `${condition.toUpperCase()}: `}${headline} · ${seen.chain.name}`,
      state: renderState(seen, {
        at,
        controls: renderControls(seen, acts, faults?.()),
        running: run && renderRun(run, at),
      }),
    }
  }
  const news = streamNews(async () => toJson(await fragments()), options.subscribe)

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refuseStranger(request.headers, hosts)
    if (refusal) return sendJson(response, refusal.status, { error: refusal.message })
    const { method } = request
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (method === 'GET' && pathname === '/') {
      const nonce = randomBytes(16).toString('base64')
      response.writeHead(200, {
        ...headers,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentPolicy(nonce),
      })
      return response.end(renderShell({ ...(await fragments()), nonce, token }))
    }
    if (method === 'GET' && pathname === '/state.json') return sendJson(response, 200, await snapshot())
    if (method === 'GET' && pathname === '/events') return news.attach(response, headers)
    const [, place, verb = ''] = /^\/(acts|plans)\/([a-z-]+)$/.exec(pathname) ?? []
    if (method !== 'POST' || place === undefined) return sendJson(response, 404, { error: 'there is nothing here' })
    const refused = refuseAct(request.headers, token)
    if (refused) return sendJson(response, refused.status, { error: refused.message })
    const body = await readBody(request)
    if (body === undefined) return sendJson(response, 413, { error: 'the body is too large' })
    if (place === 'plans') {
      const planned = await plan(acts, verb, body)
      return sendJson(response, planned.status, 'plan' in planned ? planned.plan : { error: planned.message })
    }
    const { status, message } = await perform(acts, verb, body)
    news.send()
    return sendJson(response, status, status === 200 ? { message } : { error: message })
  }

  const server = createServer(patience, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      sendJson(response, 503, { error: error instanceof Error ? error.message : String(error) })
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, host, resolve)).catch(
    (cause: unknown) => {
      throw new PageAddressError(host, options.port, cause)
    },
  )
  const { port } = server.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  for (const own of [name, 'localhost']) hosts.add(`${own}:${port}`)
  const close = async () => {
    news.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://${name}:${port}/`, token, close }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(toJson(body))
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
