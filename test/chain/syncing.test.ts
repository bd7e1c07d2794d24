import { expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { getSyncing } from '../../lib/chain/execution.ts'
import { serveRpc } from './rpc-server.ts'

const asked = async (result: unknown) => {
  const { url } = await serveRpc(() => ({ result }))
  return getSyncing(createNodeClient(url))
}

test.each<[string, unknown, boolean]>([
  ['op-geth, snap sync', { currentBlock: '0x1', highestBlock: '0xff', syncedAccounts: '0x7' }, true],
  ['op-geth, mending its state', { currentBlock: '0xff', highestBlock: '0xff', healingTrienodes: '0x2' }, true],
  ['op-geth, indexing', { currentBlock: '0xff', highestBlock: '0xff', txIndexRemainingBlocks: '0x9' }, false],
  // Killed with more history indexed than it kept: it says so until it is behind no more.
  ['op-geth, indexing for ever', { currentBlock: '0xc2', highestBlock: '0x0', stateIndexRemaining: '0xf' }, false],
  ['plain digits', { currentBlock: '1', highestBlock: '255' }, true],
  ['numbers', { currentBlock: 255, highestBlock: 255 }, false],
  ['op-reth', { currentBlock: '0x1', highestBlock: '0x9', stages: [{ name: 'Headers', block: '0x5' }] }, true],
  [
    'op-reth, which names where it stands as its target',
    {
      ...{ startingBlock: '0x0', currentBlock: '0x33', highestBlock: '0x33', warpChunksAmount: null },
      stages: [
        { name: 'Headers', block: '0x9000' },
        { name: 'Execution', block: '0x33' },
      ],
    },
    true,
  ],
  ['without any of it', { stages: [] }, true],
  ['nothing one can read', { currentBlock: null, highestBlock: '?' }, true],
])('%s', async (_, result, syncing) => {
  const reported = await asked(result)
  expect(reported.syncing).toBe(syncing)
  // What is no sync must not pass for one that moves: a node that stands still meanwhile is damaged.
  expect(reported.mark ?? 'none').toMatch(syncing ? /^[0-9a-f]{16}$/ : /^none$/)
})

test('no sync has no mark', async () => {
  expect(await asked(false)).toEqual({ syncing: false })
})

test('the mark differs once anything moves, and only then', async () => {
  const at = (accounts: string, stage: number) => ({
    currentBlock: '0x1',
    highestBlock: '0xff',
    syncedAccounts: accounts,
    stages: [{ name: 'Headers', block: stage }],
  })
  const marks = [
    await asked(at('0x1', 5)),
    await asked(at('0x1', 5)),
    await asked(at('0x2', 5)),
    await asked(at('0x2', 6)),
  ]
  expect(marks[1]).toEqual(marks[0])
  expect(new Set(marks.map(({ mark }) => mark)).size).toBe(3)
})

test('where it wants to get to is no movement of its own', async () => {
  const at = (highestBlock: string) => ({ currentBlock: '0x1', highestBlock, syncedAccounts: '0x7' })
  const [first, later] = [await asked(at('0xff')), await asked(at('0x100'))]
  expect(later.mark).toBe(first.mark)
  expect(later.blocks).toEqual({ current: 1n, highest: 256n })
})

test('of a reth, execution is the measure: its own block stands until the end', async () => {
  const at = (execution: string, finish = '0x33') => ({
    ...{ currentBlock: '0x33', highestBlock: '0x33' },
    stages: [
      { name: 'Headers', block: '0x9000' },
      { name: 'Execution', block: execution },
      { name: 'Finish', block: finish },
    ],
  })
  const [first, later] = [await asked(at('0x100')), await asked(at('0x200'))]
  expect(first.blocks).toEqual({ current: 0x100n, highest: 0x9000n })
  expect(later.blocks).toEqual({ current: 0x200n, highest: 0x9000n })
  expect(later.mark).not.toBe(first.mark)
  expect(await asked({ currentBlock: '0x1', highestBlock: '0x1', stages: [] })).not.toHaveProperty('blocks')
})
