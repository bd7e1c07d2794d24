import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import { mergeExpositions } from '../prometheus/merge.ts'
import type { Metrics } from '../prometheus/registry.ts'
import type { Leader, LeaderFeed } from './leader-feed.ts'

/** Answers a request that it knows; `false` = it is not one of its own. */
export type Route = (request: IncomingMessage, response: ServerResponse) => boolean

/** Answers one GET (or HEAD) of a path. */
type Answer = (response: ServerResponse, method: string) => void | Promise<void>

/** The routes of these paths, each for GET and HEAD. */
export function routes(answers: Readonly<Record<string, Answer>>): Route {
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined
    if (!answer) return false
    request.resume()
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      respond(response, 405, 'application/json', '{"error":"only GET"}', { allow: 'GET' })
      return true
    }
    Promise.resolve()
      .then(() => answer(response, request.method ?? 'GET'))
      .catch(() => (response.headersSent ? response.destroy() : json(response, 503, { error: 'unavailable' })))
    return true
  }
}

/** A route below a prefix such as `/chains/901`. */
export function below(prefix: string, route: Route): Route {
  return (request, response) => {
    const { url = '' } = request
    if (!url.startsWith(`${prefix}/`)) return false
    request.url = url.slice(prefix.length)
    const answered = route(request, response)
    request.url = url
    return answered
  }
}

/** How many chains are rendered before other work of the process gets its turn. */
const TOGETHER = 10

/** `/metrics`, for Prometheus: of one chain, or of several in one text. */
export function metricsRoute(...each: readonly Metrics[]): Route {
  return routes({
    '/metrics': async (response) => {
      const texts: string[] = []
      let type = ''
      for (let from = 0; from < each.length; from += TOGETHER) {
        if (from > 0) await setImmediate()
        for (const { contentType, text } of await Promise.all(
          each.slice(from, from + TOGETHER).map((metrics) => metrics.scrape()),
        )) {
          type = contentType
          texts.push(text)
        }
      }
      respond(response, 200, type, texts.length === 1 ? (texts[0] ?? '') : mergeExpositions(texts))
    },
  })
}

/** Readers at once; each costs a connection. */
const MOST_READERS = 100
/** A reader that stops reading is disconnected at this backlog, in bytes. */
const MOST_UNSENT = 64_000
/** How often a comment keeps an idle connection open (ms). */
const ALIVE_MS = 10_000

/** `/leader` and `/leader/events`, and how to disconnect their readers. */
export type LeaderRoutes = { readonly route: Route; close(): void }

/**
 * `GET /leader`: who leads, as JSON. `GET /leader/events`: the same as server-sent events, once at the start and at each
 * change. `readers` gets the number connected.
 */
export function leaderRoutes(feed: LeaderFeed, readers: (count: number) => void = () => {}): LeaderRoutes {
  const connected = new Map<ServerResponse, () => void>()
  const alive = setInterval(() => {
    for (const response of connected.keys()) response.write(': alive\n\n')
  }, ALIVE_MS).unref()
  const leave = (response: ServerResponse) => {
    connected.get(response)?.()
    connected.delete(response)
    readers(connected.size)
  }
  readers(0)
  const route = routes({
    '/leader': async (response) => json(response, 200, (await feed.current()) ?? { leader: null }),
    '/leader/events': (response, method) => {
      // A probe reads no events: it must not wait for ever, nor take a reader's place.
      if (method === 'HEAD') return respond(response, 200, 'text/event-stream', '')
      if (connected.size >= MOST_READERS) return json(response, 503, { error: `${MOST_READERS} readers are connected` })
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write('retry: 1000\n\n')
      response.on('close', () => leave(response))
      connected.set(response, () => {})
      const unsubscribe = feed.subscribe((leader) => send(response, leader))
      connected.set(response, unsubscribe)
      readers(connected.size)
    },
  })
  return {
    route,
    close() {
      clearInterval(alive)
      for (const response of [...connected.keys()]) {
        leave(response)
        response.end()
      }
    },
  }
}

function send(response: ServerResponse, leader: Leader): void {
  if (response.writableLength > MOST_UNSENT) response.destroy()
  else response.write(`event: leader\nid: ${leader.term}\ndata: ${JSON.stringify(leader)}\n\n`)
}

/** Ends a response with a value as JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  respond(response, status, 'application/json', `${JSON.stringify(body)}\n`)
}

function respond(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...headers,
    })
    .end(body)
}
