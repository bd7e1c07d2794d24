import type { IncomingMessage } from 'node:http'
import { BodyCutOffError, BodyTimeoutError, BodyTooLargeError } from './rpc-errors.ts'

/**
 * Reads the body of a request into one buffer.
 *
 * @throws BodyTooLargeError as soon as it is known.
 * @throws BodyTimeoutError when it is not complete within `timeoutMs`.
 * @throws BodyCutOffError when the client goes away before.
 */
export function readBody(request: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const timer = setTimeout(() => fail(new BodyTimeoutError(timeoutMs)), timeoutMs)
    const fail = (error: Error) => {
      clearTimeout(timer)
      request.off('data', take)
      chunks.length = 0
      reject(error)
    }
    const take = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBytes) fail(new BodyTooLargeError(maxBytes))
      else chunks.push(chunk)
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return fail(new BodyTooLargeError(maxBytes))
    request.on('data', take)
    request.once('error', () => fail(new BodyCutOffError(bytes, request.headers['content-length'])))
    request.once('end', () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks, bytes))
    })
  })
}
