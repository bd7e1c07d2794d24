import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Snapshot } from '../context/inspect.ts'
import { printable } from '../protocol/printable.ts'
import { readAtMost } from '../read-at-most.ts'
import { toJson } from '../text/format.ts'
import type { Acts } from './acts.ts'
import { contentPolicy, headers, refuseAct, refuseStranger } from './guard.ts'
import { perform, plan } from './perform.ts'
import { renderShell, type Shown } from './shell.ts'
import type { News } from './stream-news.ts'

/** Maximum size of an act's body, in bytes. */
const MAX_BODY = 4_096

/** What the page answers from. */
export type Answering = {
  readonly token: string
  /** The names under which this machine accepts requests, with the port. */
  readonly hosts: ReadonlySet<string>
  readonly acts: Acts
  readonly snapshot: () => Snapshot | Promise<Snapshot>
  readonly fragments: () => Promise<Shown>
  /** The incident report of a term's move, in Markdown. */
  readonly report: (term: number) => Promise<string | undefined>
  readonly news: News
}

/** Answers one request: the shell, its content, or the result of an act. */
export async function answerRequest(from: Answering, request: IncomingMessage, response: ServerResponse) {
  const { hosts, snapshot, fragments, report, news } = from
  const refusal = refuseStranger(request.headers, hosts)
  if (refusal) return sendJson(response, refusal.status, { error: refusal.message })
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (request.method === 'POST') return await answerPost(from, pathname, request, response)
  if (request.method === 'GET' && pathname === '/') {
    const nonce = randomBytes(16).toString('base64')
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': contentPolicy(nonce),
    })
    return response.end(renderShell({ ...(await fragments()), nonce }))
  }
  if (request.method === 'GET' && pathname === '/state.json') return sendJson(response, 200, await snapshot())
  const term = /^\/incidents\/(\d{1,9})\.md$/.exec(pathname)?.[1]
  if (request.method === 'GET' && term !== undefined) return sendReport(response, term, await report(Number(term)))
  if (request.method === 'GET' && pathname === '/events') return news.attach(response, headers)
  return sendNothing(response)
}

function sendReport(response: ServerResponse, term: string, text: string | undefined) {
  if (text === undefined) return sendNothing(response)
  const disposition = `attachment; filename="baton-term-${term}.md"`
  response
    .writeHead(200, { ...headers, 'content-type': 'text/markdown; charset=utf-8', 'content-disposition': disposition })
    .end(text)
}

/**
 * `POST /acts/<verb>` and `POST /plans/<procedure>`: only with the page's token. `POST /acts/none` does nothing: it shows
 * a page whether its token is the right one.
 */
async function answerPost(
  { token, acts, news }: Answering,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const [, place, verb = ''] = /^\/(acts|plans)\/([a-z-]+)$/.exec(pathname) ?? []
  if (place === undefined) return sendNothing(response)
  const refused = refuseAct(request.headers, token)
  if (refused) return sendJson(response, refused.status, { error: refused.message })
  if (place === 'acts' && verb === 'none') return sendJson(response, 200, { message: 'this page may act' })
  const body = (await readAtMost(request, MAX_BODY))?.toString('utf8')
  if (body === undefined) return sendJson(response, 413, { error: 'the body is too large' })
  if (place === 'plans') {
    const planned = await plan(acts, verb, body)
    return sendJson(response, planned.status, 'plan' in planned ? planned.plan : { error: planned.message })
  }
  const { status, message } = await perform(acts, verb, body)
  news.send()
  return sendJson(response, status, status === 200 ? { message } : { error: message })
}

const sendNothing = (response: ServerResponse) => sendJson(response, 404, { error: 'there is nothing here' })

/** Ends a response with a value as JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(printable(toJson(body)))
}
