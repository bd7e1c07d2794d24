import { createHash } from 'node:crypto'
import { AwsAnswerError, type ServiceOptions, signedFetch, type Variables } from '../../aws/signed-fetch.ts'
import { withDeadline } from '../errors.ts'
import { checkKey, type ObjectStore } from '../stores.ts'
import { hedged } from './hedge.ts'

/** Connection options of a bucket: see {@link signedFetch}. `timeoutMs` limits each call. */
export type BucketOptions = Pick<ServiceOptions, 'timeoutMs' | 'aws' | 'endpoint'> & { readonly variables?: Variables }

/**
 * How a put that replaces nothing is hedged: AWS asks for a few hundred ms of patience with small objects and seconds
 * with large ones, and a commit has one second. Its requests continue for a while after the caller's deadline, so that the
 * same put a second later joins them, or finds the object.
 */
const HEDGING = { everyMs: 150, most: 5, timeoutMs: 5_000 } as const

/**
 * The objects of an S3 bucket. A spill is part of a commit: its call must succeed or fail before op-node times out.
 *
 * @throws InvalidKeyError
 * @throws StoreUnavailableError
 */
export function bucketObjects(
  bucket: string,
  region: string | undefined,
  { variables = process.env, ...options }: BucketOptions,
): ObjectStore {
  const { timeoutMs } = options
  const send = signedFetch({ service: 's3', region, host: bucket, ...options }, variables)
  const patience = { ...options, timeoutMs: HEDGING.timeoutMs }
  const sendPatiently = signedFetch({ service: 's3', region, host: bucket, ...patience }, variables)
  /** Puts that replace nothing and are under way, by path and content. */
  const running = new Map<string, Promise<void>>()
  const putNew = (path: string, init: Put) => {
    const name = `${path} ${init.headers['x-amz-content-sha256']}`
    const known = running.get(name)
    if (known) return known
    const headers = { ...init.headers, 'if-none-match': '*' }
    const one = (signal: AbortSignal) =>
      putUnlessThere(async () => accept(await sendPatiently(path, { ...init, headers }, signal, { once: true })))
    const begun = hedged(one, HEDGING, isRefusal).finally(() => running.delete(name))
    running.set(name, begun)
    // The caller may be gone by the time it fails.
    begun.catch(() => {})
    return begun
  }
  return {
    async put(key, bytes, { ifAbsent = false } = {}) {
      const path = `/${checkKey(key)}`
      const headers = { 'content-type': 'application/zstd', 'x-amz-content-sha256': sha256(bytes) }
      const init: Put = { method: 'PUT', headers, body: bytes as Uint8Array<ArrayBuffer> }
      await withDeadline('put', `${bucket}${path}`, timeoutMs, async (signal) =>
        ifAbsent ? putNew(path, init) : accept(await send(path, init, signal)),
      )
    },

    async get(key) {
      const path = `/${checkKey(key)}`
      const headers = { 'x-amz-content-sha256': sha256('') }
      const { bytes } = await withDeadline('get', `${bucket}${path}`, timeoutMs, async (signal) => {
        const response = await send(path, { method: 'GET', headers }, signal)
        if (response.ok) return { bytes: new Uint8Array(await response.arrayBuffer()) }
        const error = await answered(response)
        if (error.name === 'NoSuchKey') return { bytes: undefined }
        throw error
      })
      return bytes
    },

    async list(folder) {
      const query = new URLSearchParams({ 'list-type': '2', prefix: folder })
      const headers = { 'x-amz-content-sha256': sha256('') }
      return await withDeadline('list', `${bucket}/${folder}`, timeoutMs, async (signal) => {
        const response = await send(`/?${query}`, { method: 'GET', headers }, signal)
        if (!response.ok) throw await answered(response)
        return [...(await response.text()).matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key)
      })
    },
  }
}

type Put = RequestInit & { readonly headers: Readonly<Record<string, string>> }

/** @throws AwsAnswerError when S3 did not do what was asked. */
async function accept(response: Response): Promise<void> {
  if (!response.ok) throw await answered(response)
  await response.body?.cancel()
}

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** S3 reports errors as XML: a code and a message. */
async function answered(response: Response): Promise<AwsAnswerError> {
  const text = await response.text()
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
  return new AwsAnswerError(field('Code') ?? `Http${response.status}`, field('Message') ?? '', response.status)
}

/** Whether S3 will answer another request no differently: it is not allowed, or names no bucket. */
function isRefusal(error: unknown): boolean {
  return error instanceof AwsAnswerError && error.status < 500 && error.status !== 429 && !PASSING.has(error.name)
}

/** S3's error for a put with `If-None-Match: *` when the object exists. */
const THERE = 'PreconditionFailed'
/** S3's error while another such put of the same key is in progress: neither has won yet. */
const BUSY = 'ConditionalRequestConflict'
const TRIES = 3
/** Refusals that another request may not meet. */
const PASSING = new Set([BUSY, 'RequestTimeout'])

/**
 * Runs an S3 put that replaces nothing. An existing object counts as success, also when this put's own first attempt
 * wrote it and the reply was lost.
 */
export async function putUnlessThere(put: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await put()
    } catch (error) {
      const name = error instanceof Error ? error.name : ''
      if (name === THERE) return
      if (name !== BUSY || tries === TRIES) throw error
    }
  }
}
