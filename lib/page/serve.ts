import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../config/fields.ts'
import type { Snapshot } from '../context/inspect.ts'
import { BatonError } from '../errors.ts'
import { printable } from '../protocol/printable.ts'
import { toJson } from '../text/format.ts'
import { stateNames, stateOf } from '../text/state.ts'
import { summarize } from '../text/summary.ts'
import type { Acts, FaultStates } from './acts.ts'
import { announce } from './announce.ts'
import { answerRequest, sendJson } from './answer-request.ts'
import { maySee, SECRET_LENGTH } from './guard.ts'
import { renderControls, renderOffered, renderRehearsal } from './render-controls.ts'
import { renderRun } from './render-run.ts'
import { refresh, renderState } from './render-state.ts'
import type { Shown } from './shell.ts'
import { incidentReport } from './story/incident-report.ts'
import type { Story } from './story/story.ts'
import { streamNews } from './stream-news.ts'

/** How long a request may take to arrive (ms); a response, such as /events, may stay open. */
const patience = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 }

export type ServePageOptions = {
  /** Default 127.0.0.1. Any address that is not loopback needs a `secret`. */
  readonly host?: string
  /** What every reader must send as a password, at least 16 characters. Absent = none, on loopback only. */
  readonly secret?: string
  /** 0 = any free port. */
  readonly port: number
  readonly snapshot: () => Snapshot | Promise<Snapshot>
  /** Calls back on every change (a block, an act); returns how to stop that. */
  readonly subscribe?: (changed: () => void) => () => void
  readonly acts?: Acts
  /** The last day of the chain; absent = not recorded here. */
  readonly story?: (snapshot: Snapshot) => Story
  /** The present faults of each simulated node. */
  readonly faults?: () => FaultStates
}

export type PageServer = {
  /** The page's address, with the token in the fragment: `http://127.0.0.1:8550/#<token>`. */
  readonly url: string
  /** The token that acts must carry in the header `x-baton-token`; new for each process. */
  readonly token: string
  readonly close: () => Promise<void>
}

const TUNNEL =
  'Let it listen on 127.0.0.1 and reach it through a tunnel (ssh -L), or set BATON_PAGE_SECRET to a secret of 16 characters or more.'

/** The page cannot listen at its address. */
export class PageAddressError extends BatonError {
  override readonly name = 'PageAddressError'
  override readonly code = 'page-address'

  constructor(host: string, port: number, cause: unknown) {
    const { code } = cause as NodeJS.ErrnoException
    const taken = code === 'EADDRINUSE'
    const elsewhere = 'End the program that listens there, or choose another port with --port or page.port.'
    super({
      message: `the page cannot listen on ${host}:${port}: ${taken ? 'the port is taken' : (cause as Error).message}`,
      remedy: taken || (code !== undefined && isLoopback(host)) ? elsewhere : TUNNEL,
      cause,
    })
  }
}

/**
 * Serves the page, on loopback or behind a secret: `/`, `/events` (server-sent), `/state.json`, `/incidents/<term>.md`,
 * `POST /acts/<verb>`, and `POST /plans/<procedure>`, which changes nothing.
 * Every user of this machine can read; only holders of the token can act. The token is in the URL's fragment, which no
 * server or log on the way sees, and never in a response: other users can fetch that.
 *
 * @throws PageAddressError
 */
export async function servePage(options: ServePageOptions): Promise<PageServer> {
  const { host = '127.0.0.1', snapshot, acts = {}, faults, story: storyOf } = options
  const { secret } = options
  if (secret !== undefined && secret.length < SECRET_LENGTH) {
    throw new PageAddressError(host, options.port, new Error('its secret is too short'))
  }
  if (!isLoopback(host) && secret === undefined) {
    throw new PageAddressError(host, options.port, new Error('other machines can reach it there, and it has no secret'))
  }
  const token = randomBytes(24).toString('base64url')
  const instance = randomBytes(8).toString('hex')
  const hosts = new Set<string>()
  const fragments = async (): Promise<Shown> => {
    const looked = await snapshot()
    const at = Date.now()
    const seen = refresh(looked, at)
    const state = stateOf(seen)
    const run = acts.procedures?.run()
    const before = state === 'ok' ? '' : `${stateNames[state]}: `
    return {
      instance,
      status: state,
      title: printable(`${before}${summarize(seen).headline} · ${seen.chain.name}`),
      announce: announce(seen),
      state: renderState(looked, {
        at,
        controls: renderControls(seen, acts),
        rehearsal: renderRehearsal(seen, acts, faults?.()),
        running: run && renderRun(run, at),
        story: storyOf?.(seen),
        reportOf: (term) => `/incidents/${term}.md`,
        ...(acts.operate && { button: (act) => renderOffered(seen, act) }),
      }),
    }
  }
  /** The incident report of a term's move; `undefined` = not recorded here. */
  const report = async (term: number): Promise<string | undefined> => {
    const seen = refresh(await snapshot(), Date.now())
    const story = storyOf?.(seen)
    const move = story?.moves.find((each) => each.term === term)
    return story && move && incidentReport(move, story, seen.history)
  }
  const news = streamNews(async () => toJson(await fragments()), options.subscribe)

  const answering = { token, hosts, acts, snapshot, fragments, report, news }
  const server = createServer(patience, (request, response) => {
    if (secret !== undefined && !maySee(request.headers, secret, token)) {
      response.setHeader('www-authenticate', 'Basic realm="Baton", charset="UTF-8"')
      return sendJson(response, 401, { error: 'this page needs its secret: BATON_PAGE_SECRET, as the password' })
    }
    // A name that another site rebinds to this machine brings no password along: with a secret, any name will do.
    const named = secret === undefined ? hosts : new Set([request.headers.host ?? ''])
    answerRequest({ ...answering, hosts: named }, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      sendJson(response, 503, { error: error instanceof Error ? error.message : String(error) })
    })
  })
  const port = await listen(server, host, options.port)
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const name = shown.includes(':') ? `[${shown}]` : shown
  for (const own of [name, 'localhost']) hosts.add(`${own}:${port}`)
  const close = async () => {
    news.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `http://${name}:${port}/#${token}`, token, close }
}

/** The port the server listens on. Throws as {@link servePage}. */
async function listen(server: Server, host: string, wanted: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(wanted, host, resolve)).catch(
    (cause: unknown) => {
      throw new PageAddressError(host, wanted, cause)
    },
  )
  return (server.address() as AddressInfo).port
}
