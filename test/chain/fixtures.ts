import { readFileSync } from 'node:fs'
import type { Envelope } from '../../lib/chain/envelope.ts'

type Line = { request: { method: string; params?: [Envelope] } }

/** Every envelope real op-nodes sent, of both recorded versions. */
export const envelopes: Envelope[] = ['op-node-2024-10', 'op-node-v1.16.11'].flatMap((name) =>
  readFileSync(new URL(`../fixtures/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line): Line => JSON.parse(line))
    .flatMap(({ request }) =>
      request.method === 'conductor_commitUnsafePayload' && request.params ? request.params : [],
    ),
)
