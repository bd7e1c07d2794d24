import { expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import { setStage } from './stage.ts'

test('versions and peers are asked for now and then, known at each look, and asked again of a node that was away', async () => {
  const { chain, ports, close } = await setStage()
  const asked: string[] = []
  const counted: typeof ports.port = (node) => ({
    ...ports.port(node),
    observe(at, brief) {
      if (!brief) asked.push(node)
      return ports.port(node).observe(at, brief)
    },
  })
  const memory = freshMemory()
  const look = async () => {
    asked.length = 0
    const { observed } = await observeChain({ ...ports, port: counted }, memory)
    memory.ticks++
    return Object.values(observed).map(({ observation: { consensus } }) =>
      consensus.ok ? [consensus.value.version, consensus.value.peers] : consensus.failure,
    )
  }
  const known = ['simulated', 2]
  expect(await look()).toEqual([known, known, known])
  expect(asked).toEqual(['ada', 'bob', 'cyd'])
  for (let i = 1; i < 4; i++) {
    expect(await look()).toEqual([known, known, known])
    expect(asked).toEqual([])
  }
  await chain.node('bob').kill('consensus')
  expect((await look())[1]).toBe('refused')
  await chain.node('bob').restart('consensus')
  expect((await look())[1]).toEqual(known)
  expect(asked, 'it may be another version').toEqual(['bob'])
  memory.ticks = 10
  await look()
  expect(asked).toEqual(['ada', 'bob', 'cyd'])
  await close()
})
