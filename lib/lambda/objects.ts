import { createHash } from 'node:crypto'
import type { Variables } from '../aws/access.ts'
import { AwsAnswerError, signedFetch } from '../aws/signed-fetch.ts'
import { withDeadline } from '../store/deadline.ts'
import { putUnlessThere } from '../store/objects/if-absent.ts'
import { checkKey } from '../store/objects/key.ts'
import type { ObjectStore } from '../store/stores.ts'

/**
 * The objects of a bucket, as `s3Objects` has them, for functions. `timeoutMs` is the hard end of
 * each call: a spill is part of a commit and must be over, or have failed, before op-node gives up.
 *
 * @throws InvalidKeyError
 * @throws StoreUnavailableError
 */
export function bucketObjects(
  bucket: string,
  region: string,
  { timeoutMs, variables = process.env }: { readonly timeoutMs: number; readonly variables?: Variables },
): ObjectStore {
  const send = signedFetch({ service: 's3', region, host: bucket, timeoutMs }, variables)
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
