import { expect, test } from 'vitest'
import { ExecutionClient } from '../../lib/simulator/chain/execution.ts'
import { buildOn, GENESIS, HistoryL1 } from './blocks.ts'
import { EPOCH, Scheduler } from './scheduler.ts'

test('an execution client that goes back to a branch it had left gives that branch to its peers', async () => {
  const scheduler = new Scheduler()
  const origin = new HistoryL1(EPOCH, 2_000, () => EPOCH).genesis
  const client = new ExecutionClient(scheduler, GENESIS)
  client.process.start()
  const [one, other] = [buildOn(GENESIS, origin, 'one'), buildOn(GENESIS, origin, 'other')]
  const two = buildOn(one, origin, 'two')
  for (const block of [one, other, two]) {
    const inserted = client.insert(block)
    await scheduler.run(scheduler.now() + 10)
    await inserted
  }
  expect(client.canonical().map(({ hash }) => hash)).toEqual([GENESIS.hash, one.hash, two.hash])
})
