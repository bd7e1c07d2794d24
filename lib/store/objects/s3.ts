import { createHash } from 'node:crypto'
import { AwsAnswerError, type ServiceOptions, signedFetch, type Variables } from '../../aws/signed-fetch.ts'
import { withDeadline } from '../errors.ts'
import { checkKey, type ObjectStore } from '../stores.ts'

/** Connection options of a bucket: see {@link signedFetch}. `timeoutMs` limits each call. */
export type BucketOptions = Pick<ServiceOptions, 'timeoutMs' | 'aws' | 'endpoint'> & { readonly variables?: Variables }

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
  return {
    async put(key, bytes, { ifAbsent = false } = {}) {
      const path = `/${checkKey(key)}`
      const condition = ifAbsent ? { 'if-none-match': '*' } : {}
      const headers = { 'content-type': 'application/zstd', 'x-amz-content-sha256': sha256(bytes), ...condition }
      const body = bytes as Uint8Array<ArrayBuffer>
      await withDeadline('put', `${bucket}${path}`, timeoutMs, (signal) =>
        putUnlessThere(async () => {
          const response = await send(path, { method: 'PUT', headers, body }, signal)
          if (!response.ok) throw await answered(response)
          await response.body?.cancel()
        }),
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

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** S3 reports errors as XML: a code and a message. */
async function answered(response: Response): Promise<AwsAnswerError> {
  const text = await response.text()
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
  return new AwsAnswerError(field('Code') ?? `Http${response.status}`, field('Message') ?? '', response.status)
}

/** S3's error for a put with `If-None-Match: *` when the object exists. */
const THERE = 'PreconditionFailed'
/** S3's error while another such put of the same key is in progress: neither has won yet. */
const BUSY = 'ConditionalRequestConflict'
const TRIES = 3

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
