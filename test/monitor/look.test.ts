import { expect, test } from 'vitest'
import { inspectChain } from '../../lib/context/inspect.ts'
import { setStage } from './stage.ts'

test('both looks of a person ask for the committed head: what takes two looks to be certain of is seen', async () => {
  const { ports, monitor, leads, close } = await setStage()
  monitor()
  await leads((leader) => leader === 'ada')
  const asked: (bigint | undefined)[] = []
  const listening: typeof ports.port = (node) => ({
    ...ports.port(node),
    observe(at, brief) {
      if (node === 'bob') asked.push(at?.number)
      return ports.port(node).observe(at, brief)
    },
  })
  const { view } = await inspectChain({ ...ports, port: listening })
  expect(asked).toHaveLength(2)
  expect(asked.every((number) => number !== undefined && number <= (view.head?.number ?? 0n))).toBe(true)
  await close()
})
