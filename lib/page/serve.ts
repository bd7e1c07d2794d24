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
  /** Loopback address; default 127.0.0.1. */
  readonly host?: string
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

/** The page cannot listen at its address. */
export class PageAddressError extends BatonError {
  override readonly name = 'PageAddressError'
  override readonly code = 'page-address'

  constructor(host: string, port: number, cause: unknown) {
    const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE'
    const elsewhere = 'End the program that listens there, or choose another port with --port or page.port.'
    super({
      message: `the page cannot listen on ${host}:${port}: ${taken ? 'the port is taken' : (cause as Error).message}`,
      remedy: isLoopback(host) ? elsewhere : 'Let it listen on 127.0.0.1, and reach it through a tunnel (ssh -L).',
      cause,
    })
  }
}

/**
 * Serves the page on loopback: `/`, `/events` (server-sent), `/state.json`, `/incidents/<term>.md`, `POST /acts/<verb>`, and `POST
 * /plans/<procedure>`, which changes nothing.
 * Every user of this machine can read; only holders of the token can act. The token is in the URL's fragment, which no
 * server or log on the way sees, and never in a response: other users can fetch that.
 *
 * @throws PageAddressError
 */
export async function servePage(options: ServePageOptions): Promise<PageServer> {
  const { host = '127.0.0.1', snapshot, acts = {}, faults, story: tell } = options
  if (!isLoopback(host)) throw new PageAddressError(host, options.port, new Error('it is not a loopback address'))
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
        story: tell?.(seen),
        reportOf: (term) => `/incidents/${term}.md`,
        ...(acts.operate && { button: (act) => renderOffered(seen, act) }),
      }),
    }
  }
  /** The incident report of a term's move; `undefined` = not recorded here. */
  const report = async (term: number): Promise<string | undefined> => {
    const seen = refresh(await snapshot(), Date.now())
    const story = tell?.(seen)
    const move = story?.moves.find((each) => each.term === term)
    return story && move && incidentReport(move, story, seen.history)
  }
  const news = streamNews(async () => toJson(await fragments()), options.subscribe)

  const answering = { token, hosts, acts, snapshot, fragments, report, news }
  const server = createServer(patience, (request, response) => {
    answerRequest(answering, request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy()
      sendJson(response, 503, { error: error instanceof Error ? error.message : String(error) })
    })
  })
  const port = await listen(server, host, options.port)
  const name = host.includes(':') ? `[${host}]` : host
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
