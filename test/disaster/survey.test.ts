import { expect, test } from 'vitest'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { placeHead } from '../../lib/operations/disaster/place-head.ts'
import { surveyChain } from '../../lib/operations/disaster/survey.ts'
import { formatSurvey } from '../../lib/operations/disaster/text.ts'
import { memoryStores } from '../../lib/store/memory/stores.ts'
import type { Stage } from '../monitor/stage.ts'
import { eachStanding, headOf } from './standing.ts'

let stage: Stage
let ports: ChainPorts

eachStanding((made) => {
  stage = made
  ports = made.ports
})

const unreadable = (): ChainPorts => ({
  ...ports,
  objects: { ...ports.objects, get: () => Promise.reject(new Error('AccessDenied')) },
})

test('an archive that cannot be read shows no commits: with the records lost, no block has the votes', async () => {
  const { hash } = await headOf(stage)
  Object.assign(ports.heads, memoryStores().heads)
  const whole = await surveyChain(ports)
  expect(whole.best?.block.hash).toBe(hash)
  const survey = await surveyChain(unreadable())
  expect(survey.best).toBeUndefined()
  expect(formatSurvey(survey)).toContain('the archive cannot be read: ')
  expect(formatSurvey(survey)).not.toContain('never committed here')
  await expect(placeHead(unreadable(), { hash, by: 'ann' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('the archive cannot be read'),
  })
})

test('while there is a head it is the newest commit, whatever the archive says', async () => {
  const { hash } = await headOf(stage)
  expect((await surveyChain(unreadable())).best?.block.hash).toBe(hash)
})

test('what one node says its newest block is does not hide what was committed and is on no node', async () => {
  const { number, hash } = await headOf(stage)
  // The store is gone, and with it the head; the nodes but one have lost the last block.
  Object.assign(ports.heads, memoryStores().heads)
  const lying: ChainPorts = {
    ...ports,
    port: (node) => ({
      ...ports.port(node),
      observe: async (asked) => {
        const look = await ports.port(node).observe(asked)
        if (!look.consensus.ok || !look.execution.ok) return look
        const { unsafe } = look.consensus.value
        const far = { ...unsafe, number: 2n ** 52n, hash: `0x${'99'.repeat(32)}` as const }
        const below = { ...unsafe, number: number - 1n, hash: unsafe.parentHash }
        const shown = node === 'cyd' ? far : below
        const consensus = { ok: true, value: { ...look.consensus.value, unsafe: shown, safe: shown } } as const
        const execution = { ok: true, value: { ...look.execution.value, latest: shown } } as const
        return { ...look, consensus, execution }
      },
      block: async (query) => {
        const block = await ports.port(node).block(query)
        return block && block.number < number ? block : null
      },
    }),
  }
  const { best, candidates } = await surveyChain(lying)
  expect(best?.block.hash).toBe(hash)
  expect(candidates.find(({ block }) => block.hash === hash)?.safe).toBe(false)
})
