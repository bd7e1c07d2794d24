import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { withDeadline } from '../deadline.ts'
import type { ObjectStore } from '../stores.ts'
import { putUnlessThere } from './if-absent.ts'
import { checkKey } from './key.ts'

/** Where the bucket is. Without `endpoint`: AWS, with the credentials of the environment. */
export type S3Connection = { readonly endpoint?: string; readonly region?: string }

/** A client with kept-alive connections; path-style addresses when it talks to an emulator. */
export function s3Client({ endpoint, region }: S3Connection): S3Client {
  return new S3Client({
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint, region: region ?? 'us-east-1', forcePathStyle: true }),
    maxAttempts: 2,
    retryMode: 'standard',
  })
}

/**
 * Objects of an S3 bucket. `timeoutMs` is the hard end of each call; default 2000. A spill is
 * written within a commit: give that use less, since op-node gives up after a second.
 *
 * @throws InvalidKeyError
 * @throws StoreUnavailableError
 */
export function s3Objects(
  client: S3Client,
  bucket: string,
  { timeoutMs = 2000 }: { readonly timeoutMs?: number } = {},
): ObjectStore {
  return {
    async put(key, bytes, { ifAbsent = false } = {}) {
      const input = { Bucket: bucket, Key: checkKey(key), Body: bytes, ContentType: 'application/zstd' }
      const condition = ifAbsent ? { IfNoneMatch: '*' } : {}
      await withDeadline('put', `${bucket}/${key}`, timeoutMs, (abortSignal) =>
        putUnlessThere(async () => {
          await client.send(new PutObjectCommand({ ...input, ...condition }), { abortSignal })
        }),
      )
    },

    async get(key) {
      const input = { Bucket: bucket, Key: checkKey(key) }
      const { bytes } = await withDeadline<{ bytes: Uint8Array | undefined }>(
        'get',
        `${bucket}/${key}`,
        timeoutMs,
        async (abortSignal) => {
          const { Body } = await client.send(new GetObjectCommand(input), { abortSignal })
          return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array() }
        },
        (error) => (error instanceof NoSuchKey ? { bytes: undefined } : undefined),
      )
      return bytes
    },

    async list(folder) {
      const { Contents } = await withDeadline('list', `${bucket}/${folder}`, timeoutMs, (abortSignal) =>
        client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: folder }), { abortSignal }),
      )
      return (Contents ?? []).flatMap(({ Key }) => Key ?? [])
    },
  }
}
