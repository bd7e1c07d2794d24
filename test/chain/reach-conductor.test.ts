import { expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { refusesWrongHash, tryConductor } from '../../lib/chain/sequencer.ts'
import { serveRpc } from './rpc-server.ts'

test.for([
  ['sequencer is not the leader, aborting', { reach: 'proved' }],
  ['block hash does not match: head 0xab:5, received 0xff', { reach: 'misled' }],
  ['no prestate, cannot determine if sequencer start at 0xff is safe', { reach: 'misled' }],
  ['sequencer already running', { reach: 'misled' }],
  ['sequencer is not enabled', { reach: 'no-sequencer' }],
  ['engine is busy', { reach: 'unknown' }],
  [
    'sequencer leader check failed: Post "http://bob:s3cret@10.0.0.1:8547/v1": dial tcp 10.0.0.1:8547: connect: connection refused',
    {
      reach: 'unreachable',
      message: 'Post the URL of --conductor.rpc: dial tcp 10.0.0.1:8547: connect: connection refused',
    },
  ],
] as const)('op-node says "%s"', async ([message, found]) => {
  const asked: unknown[] = []
  const { url } = await serveRpc((_, [hash]) => {
    asked.push(hash)
    return { error: { code: -32000, message } }
  })
  expect(await tryConductor(createNodeClient(url, { batch: false }))).toEqual(found)
  expect(asked).toEqual([`0x${'ff'.repeat(32)}`])
})

test.for([
  ['v1.16.11-ab12cd34-1755555555', true],
  ['v0.0.0-dev', true],
  ['simulated', true],
  ['1.12.0', false],
  ['kona-node/1.0', false],
  ['', false],
] as const)('"%s" refuses to start at a block it does not have: %s', ([version, refuses]) => {
  expect(refusesWrongHash(version)).toBe(refuses)
})

test('one that starts at a block that does not exist is known', async () => {
  const { url } = await serveRpc(() => ({ result: null }))
  expect(await tryConductor(createNodeClient(url, { batch: false }))).toEqual({ reach: 'ignores-hash' })
})
