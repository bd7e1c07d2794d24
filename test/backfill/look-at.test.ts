import { expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { IdentityError } from '../../lib/context/node-identity.ts'
import { type BackfillPorts, observeNode } from '../../lib/operations/backfill/ports.ts'
import { methodNotFound, serveRpc } from '../chain/rpc-server.ts'

const HASH = `0x${'d4'.repeat(32)}`

/** A node whose execution client is of another chain, and stands at this block. */
async function stranger(number: number): Promise<BackfillPorts> {
  const header = { number: `0x${number.toString(16)}`, hash: HASH, parentHash: HASH, timestamp: '0x1' }
  const { url } = await serveRpc((method) => {
    if (method === 'eth_syncing') return { result: false }
    if (method === 'eth_getBlockByNumber') return { result: header }
    return method === 'eth_getBalance' ? { result: '0x0' } : methodNotFound(method)
  })
  const client = createNodeClient(url)
  const standing = { consensus: 'foreign', execution: 'foreign', hard: [], soft: [], reported: [] } as const
  return {
    clients: () => ({ consensus: client, execution: client }),
    clock: { now: () => 0 },
    port: () => ({ prove: () => Promise.reject(new IdentityError('bob', standing)) }),
  } as unknown as BackfillPorts
}

test('a client of another chain counts as failed', async () => {
  expect((await observeNode(await stranger(7), 'bob')).execution).toMatchObject({ ok: false, failure: 'identity' })
})

test('one with nothing but a genesis is seen as what it is: its data folder may be gone', async () => {
  const { execution } = await observeNode(await stranger(0), 'bob')
  expect(execution).toMatchObject({ ok: true, value: { latest: { number: 0n, hash: HASH } } })
})
