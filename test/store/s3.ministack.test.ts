import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { signedFetch } from '../../lib/aws/signed-fetch.ts'
import { bucketObjects } from '../../lib/store/objects/s3.ts'

const endpoint = process.env.BATON_TEST_S3_ENDPOINT
const bucket = `baton-${randomBytes(4).toString('hex')}`

describe.skipIf(endpoint === undefined)(
  'S3 API at BATON_TEST_S3_ENDPOINT (test/store/with-ministack.sh runs one)',
  () => {
    const options = { timeoutMs: 2_000, endpoint }
    const objects = bucketObjects(bucket, 'us-east-1', options)
    beforeAll(async () => {
      const send = signedFetch({ service: 's3', region: 'us-east-1', host: bucket, ...options })
      expect((await send('', { method: 'PUT' }, AbortSignal.timeout(5_000))).status).toBe(200)
    })

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
      const lost = bucketObjects(`${bucket}-lost`, 'us-east-1', options)
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
  const silent = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const objects = bucketObjects(bucket, 'us-east-1', { timeoutMs: 200, endpoint: silent })
  const begun = performance.now()
  await expect(objects.put('a', new Uint8Array(9))).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  await expect(objects.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(performance.now() - begun).toBeLessThan(700)
  server.closeAllConnections()
  server.close()
})
