import { NotTheNodeError } from '../../lib/chain/errors.ts'
import type { NodeHost } from './node-host.ts'
import type { Front } from './plan.ts'

const WORDS: Readonly<Record<Front['says'], string>> = {
  'bad gateway': 'HTTP 502',
  unavailable: 'HTTP 503',
  'a web page': 'a web page',
  'a redirect': 'HTTP 302 to another place',
}

/** Asks a client of a node, unless something before it answers, whatever the client is doing behind it. */
export function fronted<T>({ front }: NodeHost, part: 'consensus' | 'execution', serve: () => Promise<T>): Promise<T> {
  const stands = front !== undefined && (front.of === 'both' || front.of === part)
  return stands ? Promise.reject(new NotTheNodeError(WORDS[front.says])) : serve()
}
