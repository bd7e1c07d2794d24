import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a bucket behaves: it answers after `ms`, and never answers the n-th request where `loses(n)`; n counts from 1. */
export type Slowness = { readonly ms: number; readonly loses?: (n: number) => boolean }

/** A bucket of S3 on loopback. */
export type SlowBucket = {
  readonly endpoint: string
  readonly objects: ReadonlyMap<string, Buffer>
  /** The status of every answer, and `lost` for none. */
  readonly answers: readonly (number | 'lost')[]
  /** Changes how it behaves from the next request on. */
  become(slowness: Slowness): void
  /** Refuses every request from now on, with a status and a code of S3. */
  refuse(status: number, code: string): void
  close(): void
}

/**
 * Starts a bucket as slow as set, on the conditions of S3: a put with `If-None-Match: *` is refused with 412 if the
 * object is there, and with 409 if another one of the same key ended while it ran.
 */
export async function slowBucket(slowness: Slowness): Promise<SlowBucket> {
  let now = slowness
  let refusal: { status: number; code: string } | undefined
  const objects = new Map<string, Buffer>()
  const answers: (number | 'lost')[] = []
  let count = 0
  const server = createServer(async (request, response) => {
    count += 1
    const { ms, loses } = now
    const lost = loses?.(count) ?? false
    const key = request.url ?? ''
    const there = objects.has(key)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (lost) return void answers.push('lost')
    await sleep(ms)
    const answer = (status: number, code = '') => {
      answers.push(status)
      response.writeHead(status).end(code && `<Error><Code>${code}</Code><Message>as set</Message></Error>`)
    }
    if (refusal) return answer(refusal.status, refusal.code)
    if (there) return answer(412, 'PreconditionFailed')
    if (objects.has(key)) return answer(409, 'ConditionalRequestConflict')
    objects.set(key, Buffer.concat(chunks))
    answer(200)
  })
  // A client that has its answer from elsewhere cuts the others off.
  server.on('clientError', (_, socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    answers,
    become(slower) {
      now = slower
    },
    refuse(status, code) {
      refusal = { status, code }
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
