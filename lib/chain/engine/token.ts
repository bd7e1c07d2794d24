import { createHmac } from 'node:crypto'

const header = encode({ alg: 'HS256', typ: 'JWT' })

/**
 * A JSON Web Token as engines demand it with each HTTP request: HS256 over the secret both sides
 * have. Its only claim is when it was made; an engine takes it for 60 s around its own clock.
 *
 * @param secret 32 bytes, the content of the client's `jwt.hex`.
 * @param now Unix ms.
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/authentication.md
 */
export function signToken(secret: Uint8Array, now: number): string {
  const text = `${header}.${encode({ iat: Math.floor(now / 1000) })}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
