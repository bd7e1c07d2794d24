import { afterEach, expect, test } from 'vitest'
import type { ChainPorts } from '../../../lib/context/ports.ts'
import { pauseWithout } from '../../../lib/operations/disaster/close.ts'
import { placeHead } from '../../../lib/operations/disaster/place-head.ts'
import { cancelSwitchover, switchover } from '../../../lib/operator/switchover.ts'
import type { BlockId } from '../../../lib/protocol/block.ts'
import { StoreUnavailableError } from '../../../lib/store/errors.ts'
import { memoryStores } from '../../../lib/store/memory/stores.ts'
import type { HeadStore } from '../../../lib/store/stores.ts'
import type { Stage } from '../../monitor/stage.ts'
import { headOf, running, standing } from '../standing.ts'

let stage: Stage
let ports: ChainPorts

async function set(made: Promise<Stage>): Promise<void> {
  stage = await made
  ports = stage.ports
}
afterEach(() => stage.close())

const pending = async () => (await ports.leases.read('901'))?.switchover
const before = (write: HeadStore['write']): ChainPorts => ({ ...ports, heads: { ...ports.heads, write } })

test('a block is committed in between: refused, and no switchover is left over', async () => {
  await set(standing())
  const { hash, number } = await headOf(stage)
  const late = before(async (chain, write) => {
    await ports.port('ada').start(hash)
    await stage.until('another block', async () => (await headOf(stage)).number > number)
    return await ports.heads.write(chain, write)
  })
  const placing = placeHead(late, { hash, to: 'cyd', by: 'ann', againstVote: true })
  await expect(placing).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('the head changed meanwhile'),
  })
  expect(await pending()).toBeUndefined()
  expect((await headOf(stage)).leader).toBe('ada')
})

test('cut short after the request: done again, it finds its own; that of another operator is named', async () => {
  await set(running())
  // The heads are lost at the moment of a commit: no other is under way.
  const { hash } = await new Promise<BlockId>((lost) =>
    stage.chain.events.once('committed', ({ block }) => {
      Object.assign(ports.heads, memoryStores().heads)
      lost(block)
    }),
  )
  for (const { name } of stage.chain.nodes)
    await stage.until(`${name} has it`, async () => (await ports.port(name).unsafe()).hash === hash)
  const cut = before(async () => {
    throw new StoreUnavailableError('write', 'heads/901', new Error('cut'))
  })
  await expect(placeHead(cut, { hash, to: 'cyd', by: 'ann' })).rejects.toThrow('cut')
  const own = await pending()
  expect(own).toMatchObject({ to: 'cyd', force: true })
  await expect(placeHead(ports, { hash, to: 'bob', by: 'bea' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: 'a switchover to cyd, asked for by ann, is pending',
    remedy: expect.stringContaining('baton switchover --cancel'),
  })
  await cancelSwitchover(ports, 'bea')
  await switchover(ports, { to: 'cyd', by: 'bea' })
  await expect(placeHead(ports, { hash, to: 'cyd', by: 'ann' })).rejects.toThrow('asked for by bea, is pending')
  await cancelSwitchover(ports, 'bea')

  await expect(placeHead(cut, { hash, to: 'cyd', by: 'ann' })).rejects.toThrow('cut')
  await placeHead(ports, { hash, to: 'cyd', by: 'ann' })
  const granted = async () => (await ports.history.list('901')).find(({ what, term }) => what === 'grant' && term > 1)
  await stage.until('a grant', async () => (await granted()) !== undefined)
  expect((await granted())?.node).toBe('cyd')
})

test('an override is ordered after the survey: no node is asked for, and the head stays', async () => {
  await set(standing())
  const { hash, term } = await headOf(stage)
  let reads = 0
  const late: ChainPorts = {
    ...ports,
    leases: {
      ...ports.leases,
      async read(chain) {
        // The survey reads it first; then it is read for the request.
        if (++reads === 2) await pauseWithout(ports, 'bob', 'bea')
        return await ports.leases.read(chain)
      },
    },
  }
  await expect(placeHead(late, { hash, to: 'cyd', by: 'ann', againstVote: true })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: 'bob publishes without commits, by order of bea',
  })
  expect(await pending()).toBeUndefined()
  expect(await headOf(stage)).toMatchObject({ hash, term })
})
