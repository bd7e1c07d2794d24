import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { signedFetch } from '../../lib/aws/signed-fetch.ts'
import { ssmHost } from '../../lib/host/ssm.ts'
import { stacks } from '../../lib/host/stacks.ts'
import { bucketObjects } from '../../lib/store/objects/s3.ts'
import { parameterStore } from '../../lib/store/parameters.ts'

const variables = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'very-secret',
  AWS_SESSION_TOKEN: 'a-token',
}

type Sent = { readonly url: URL; readonly method: string; readonly headers: Headers; readonly body: Buffer }
const sent: Sent[] = []
let answers: (() => Response | Promise<Response>)[] = []
const realFetch = globalThis.fetch

beforeEach(() => {
  sent.length = 0
  answers = []
  globalThis.fetch = async (input) => {
    const request = input as Request
    const body = Buffer.from(await request.arrayBuffer())
    sent.push({ url: new URL(request.url), method: request.method, headers: request.headers, body })
    const answer = answers.shift()
    return answer ? answer() : new Response('{"Parameters":[]}')
  }
})
afterEach(() => {
  globalThis.fetch = realFetch
})

/** The hash the SDK's signer wants, on Node's own crypto. */
class Sha256 {
  readonly #hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer)
  }
  update(data: Uint8Array | string) {
    this.#hash.update(data)
  }
  async digest() {
    return new Uint8Array(this.#hash.digest())
  }
  reset() {}
}

/** Signs what was sent once more, with the SDK's own signer: both must come to the same signature. */
async function referee({ url, method, headers, body }: Sent, service: string, region: string): Promise<string> {
  const signed = /SignedHeaders=([^,]*)/.exec(headers.get('authorization') ?? '')?.[1]?.split(';') ?? []
  const date = headers.get('x-amz-date') ?? ''
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'very-secret', sessionToken: 'a-token' },
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: false,
  })
  const { hostname, pathname: path, host, searchParams } = url
  const query = Object.fromEntries(searchParams)
  const again = Object.fromEntries(signed.map((name) => [name, name === 'host' ? host : (headers.get(name) ?? '')]))
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  const request = { method, protocol: 'https:', hostname, path, query, headers: again, body }
  const result = await signer.sign(request, { signingDate: new Date(iso), signableHeaders: new Set(signed) })
  return result.headers.authorization ?? ''
}

const signatureOf = (authorization: string | null) => /Signature=(\w{64})$/.exec(authorization ?? '')?.[1]

test('an object goes to the bucket’s own host, signed with its content as the SDK would', async () => {
  const objects = bucketObjects('baton-archive', 'eu-west-1', { timeoutMs: 500, variables })
  await objects.put('901/payloads/000000000012/0xab-cd_e.json.zst', Buffer.from('some bytes'))
  const [put] = sent
  if (!put) throw new Error('nothing was sent')
  expect(put).toMatchObject({ method: 'PUT', body: Buffer.from('some bytes') })
  expect(String(put.url)).toBe(
    'https://baton-archive.s3.eu-west-1.amazonaws.com/901/payloads/000000000012/0xab-cd_e.json.zst',
  )
  expect(put.headers.get('x-amz-content-sha256')).toBe(createHash('sha256').update('some bytes').digest('hex'))
  const expected = await referee(put, 's3', 'eu-west-1')
  expect(signatureOf(put.headers.get('authorization'))).toBe(signatureOf(expected))
})

test('a folder is listed by its prefix, signed as the SDK would', async () => {
  const xml = '<ListBucketResult><Contents><Key>901/payloads/12/0xab</Key></Contents></ListBucketResult>'
  answers = [() => new Response(xml)]
  const objects = bucketObjects('baton-archive', 'eu-west-1', { timeoutMs: 500, variables })
  expect(await objects.list?.('901/payloads/12/')).toEqual(['901/payloads/12/0xab'])
  const [list] = sent
  if (!list) throw new Error('nothing was sent')
  expect(list.url.search).toBe('?list-type=2&prefix=901%2Fpayloads%2F12%2F')
  const expected = await referee(list, 's3', 'eu-west-1')
  expect(signatureOf(list.headers.get('authorization'))).toBe(signatureOf(expected))
})

test('parameters are asked for by a signed call', async () => {
  await parameterStore('cn-north-1', { variables })(['/baton/prod/chains/901/config'])
  const [call] = sent
  if (!call) throw new Error('nothing was sent')
  expect(call.url.host).toBe('ssm.cn-north-1.amazonaws.com.cn')
  expect(call.headers.get('x-amz-target')).toBe('AmazonSSM.GetParameters')
  expect(signatureOf(call.headers.get('authorization'))).toBe(signatureOf(await referee(call, 'ssm', 'cn-north-1')))
})

const objects = () => bucketObjects('b', 'us-east-1', { timeoutMs: 200, variables })

test.each([
  ['a server’s error', () => new Response('', { status: 503 })],
  ['a throttle', () => new Response('', { status: 429 })],
  ['a broken connection', () => Promise.reject(new TypeError('fetch failed'))],
])('%s is tried once more', async (_, failure) => {
  answers = [failure, () => new Response('bytes')]
  expect(await objects().get('a')).toEqual(new Uint8Array(Buffer.from('bytes')))
  expect(sent).toHaveLength(2)
  answers = [failure, failure]
  await expect(objects().get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
  expect(sent).toHaveLength(4)
})

test('a refusal is not tried again, and told by its code', async () => {
  const refusal = '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
  answers = [() => new Response(refusal, { status: 403 })]
  await expect(objects().put('a', new Uint8Array(1))).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    message: expect.stringContaining('AccessDenied: Access Denied'),
    remedy: expect.stringContaining('permissions'),
  })
  expect(sent).toHaveLength(1)
  const slow = () =>
    new Response(JSON.stringify({ __type: 'com.amazonaws#ThrottlingException', message: 'slow' }), { status: 400 })
  answers = [slow, slow]
  await expect(parameterStore('us-east-1', { variables })(['/a'])).rejects.toMatchObject({
    message: expect.stringContaining('ThrottlingException: slow'),
  })
})

test('SSM throttles with 400: that is tried once more', async () => {
  const slow = JSON.stringify({ __type: 'com.amazonaws#ThrottlingException', message: 'slow' })
  const found = { Parameters: [{ Name: '/a', Value: 'one', Version: 1 }] }
  answers = [() => new Response(slow, { status: 400 }), () => new Response(JSON.stringify(found))]
  await parameterStore('us-east-1', { variables })(['/a'])
  expect(sent).toHaveLength(2)
})

test.each([
  ['a server’s error', () => new Response('{}', { status: 500 })],
  ['a broken connection', () => Promise.reject(new TypeError('fetch failed'))],
])('a command is sent once, whatever comes of it: %s', async (_, failure) => {
  answers = [failure]
  const host = ssmHost({
    stackName: 'op-reth',
    stack: stacks['op-reth'],
    instance: 'i-0a1b2c3d4e5f60718',
    documents: 'Baton-prod',
    send: signedFetch({ service: 'ssm', region: 'us-east-1', timeoutMs: 500 }, variables),
  })
  await expect(host.run('start-consensus')).rejects.toMatchObject({ name: 'HostUnreachable' })
  expect(sent).toHaveLength(1)
})

test('only a missing object is no object: a missing bucket is unavailable', async () => {
  const missing = (code: string) => () => new Response(`<Error><Code>${code}</Code></Error>`, { status: 404 })
  answers = [missing('NoSuchKey'), missing('NoSuchBucket')]
  expect(await objects().get('a')).toBeUndefined()
  await expect(objects().get('a')).rejects.toMatchObject({ remedy: expect.stringContaining('bucket') })
})
