import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readAtMost } from '../../read-at-most.ts'
import { type DynamoAnswer, refusal, type Translate } from './translate.ts'

/** The only way to the embedded database. */
export type Door = { readonly port: number; close(): Promise<void> }

/** Far above DynamoDB's limits for an item (400 kB) and for one write to an item. */
const MAX_BODY = 4_000_000
const patience = { headersTimeout: 5_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 }
/** Longer than clients keep an idle connection. */
const KEEP_ALIVE_MS = 60_000
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i

/**
 * Serves DynamoDB's HTTP API on loopback to holders of the key. Loopback belongs to every user and every browser of the
 * machine: a request without a signature by the key, with another host, or from a web page is refused before its body
 * is parsed. No header lets a page read an answer.
 */
export async function openDoor(translate: Translate, key: AccessKey, port: number): Promise<Door> {
  const server = createServer({ ...patience, keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true })
  server.on('request', (request, response) => {
    answer(translate, key, request, response).catch(() => response.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(translate: Translate, key: AccessKey, request: IncomingMessage, response: ServerResponse) {
  const { method, url, headers } = request
  if (method !== 'POST' || url !== '/' || isOfAPage(headers)) return sendAway(response)
  const body = await readAtMost(request, MAX_BODY)
  if (!body || !isSignedBy(key, headers, body)) return sendAway(response)
  const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
  send(response, await translate(operation, body.toString('utf8'), () => !response.destroyed))
}

/** A browser reports the origin of a request, and a name rebound to loopback fails the check of the host. */
function isOfAPage({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return !LOOPBACK.test(host) || origin !== undefined || site !== undefined
}

function sendAway(response: ServerResponse) {
  response.shouldKeepAlive = false
  const { body } = refusal('UnrecognizedClientException', 'this database answers only the process that started it')
  send(response, { status: 403, body })
}

function send(response: ServerResponse, { status, body }: DynamoAnswer) {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'content-length': Buffer.byteLength(body) }
  response.writeHead(status, headers).end(body)
}

/** Credentials of the embedded database: one key, new for each process. */
export type AccessKey = { readonly id: string; readonly secret: string }

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/

/**
 * Whether a POST to `/` is signed with the key, as AWS does (Signature Version 4): the signature must cover the body,
 * the host and the operation. Without the secret no valid signature can be made.
 */
function isSignedBy({ id, secret }: AccessKey, headers: IncomingHttpHeaders, body: Uint8Array): boolean {
  const [, keyId, day = '', region = '', service = '', names = '', signature = ''] =
    AUTHORIZATION.exec(headers.authorization ?? '') ?? []
  const signed = names.split(';')
  if (keyId !== id || !['host', 'x-amz-date', 'x-amz-target'].every((name) => signed.includes(name))) return false
  const canonical = [
    'POST',
    '/',
    '',
    ...signed.map(
      (name) =>
        `${name}:${String(headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    names,
    createHash('sha256').update(body).digest('hex'),
  ].join('\n')
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ]
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  return timingSafeEqual(hmac(key, toSign.join('\n')), Buffer.from(signature, 'hex'))
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
