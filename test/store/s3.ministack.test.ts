import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { s3Client, s3Objects } from '../../lib/store/objects/s3.ts'

const endpoint = process.env.BATON_TEST_S3_ENDPOINT
const bucket = `baton-${randomBytes(4).toString('hex')}`

describe.skipIf(endpoint === undefined)(
  'S3 API at BATON_TEST_S3_ENDPOINT (test/store/with-ministack.sh runs one)',
  () => {
    const client = s3Client({ ...(endpoint !== undefined && { endpoint }) })
    const objects = s3Objects(client, bucket)
    beforeAll(() => client.send(new CreateBucketCommand({ Bucket: bucket })))

    test.each([0, 3, 400_000, 6_000_000])('%i bytes: what was put is got, replaced by the next put', async (size) => {
      const key = `901/payloads/${size}.json.zst`
      expect(await objects.get(key)).toBeUndefined()
      for (let i = 0; i < 2; i++) {
        const bytes = new Uint8Array(randomBytes(size))
        await objects.put(key, bytes)
        expect(await objects.get(key)).toEqual(bytes)
      }
    })

    test('a put that replaces nothing leaves what is there', async () => {
      const [first, second] = [new Uint8Array([1]), new Uint8Array([2])]
      await objects.put('901/spill/new', first, { ifAbsent: true })
      await objects.put('901/spill/new', second, { ifAbsent: true })
      expect(await objects.get('901/spill/new')).toEqual(first)
    })

    test('a bucket that does not exist is unavailable, not empty', async () => {
      const lost = s3Objects(client, `${bucket}-lost`)
      const unavailable = { name: 'StoreUnavailableError', remedy: expect.stringContaining('bucket') }
      await expect(lost.get('a')).rejects.toMatchObject(unavailable)
      await expect(lost.put('a', new Uint8Array(1))).rejects.toMatchObject(unavailable)
    })

    test('a key that is none is not sent', async () => {
      await expect(objects.get('../a')).rejects.toMatchObject({ name: 'InvalidKeyError' })
    })
  },
)

test('an endpoint that never answers fails in time', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const silent = s3Client({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const objects = s3Objects(silent, bucket, { timeoutMs: 200 })
  const begun = performance.now()
  await expect(objects.put('a', new Uint8Array(9))).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  await expect(objects.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(performance.now() - begun).toBeLessThan(700)
  server.closeAllConnections()
  server.close()
})
