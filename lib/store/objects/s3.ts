import { createHash } from 'node:crypto'
import { AwsAnswerError, type ServiceOptions, signedFetch, type Variables } from '../../aws/signed-fetch.ts'
import { withDeadline } from '../errors.ts'
import { checkKey, type ObjectStore } from '../stores.ts'

/** How a bucket is reached: see {@link signedFetch}. `timeoutMs` is the hard end of each call. */
export type BucketOptions = Pick<ServiceOptions, 'timeoutMs' | 'aws' | 'endpoint'> & { readonly variables?: Variables }

/**
 * The objects of an S3 bucket. A spill is part of a commit: its call must be over, or have failed, before op-node gives
 * up.
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

/** S3 tells what is wrong in XML: a code and a sentence. */
async function answered(response: Response): Promise<AwsAnswerError> {
  const text = await response.text()
  const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
  return new AwsAnswerError(field('Code') ?? `Http${response.status}`, field('Message') ?? '', response.status)
}

/** What S3 answers a put with `If-None-Match: *` when the object is there. */
const THERE = 'PreconditionFailed'
/** What it answers while another such put of the same key is under way: neither has won yet. */
const BUSY = 'ConditionalRequestConflict'
const TRIES = 3

/**
 * Carries out a put to S3 that replaces nothing. An object that is there already counts as done, as it does
 * when the first try of this very put was applied and its answer lost.
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
