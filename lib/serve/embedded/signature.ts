import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Who may ask the embedded database: one key, new for each process. */
export type AccessKey = { readonly id: string; readonly secret: string }

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/

/**
 * Whether a POST to `/` was signed with the key, as AWS does (Signature Version 4): the body, the host and the
 * operation must be what was signed. Who does not know the secret cannot make a signature, however it reads.
 */
export function isSignedBy({ id, secret }: AccessKey, headers: IncomingHttpHeaders, body: Uint8Array): boolean {
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
