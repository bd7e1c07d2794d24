import type { IncomingMessage } from 'node:http'

/**
 * Reads the body of a request; `undefined` = it is larger than `mostBytes`. The server's own timeouts bound the read.
 */
export async function readAtMost(request: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}
