import { expect, test } from 'vitest'
import { placeHead } from '../../lib/disaster/place-head.ts'
import { surveyChain } from '../../lib/disaster/survey.ts'
import { tellSurvey } from '../../lib/disaster/tell.ts'
import type { ChainPorts } from '../../lib/monitor/ports.ts'
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

test('an archive that cannot be read tells of no commits: with the records lost, no block has the votes', async () => {
  const { hash } = await headOf(stage)
  Object.assign(ports.heads, memoryStores().heads)
  const whole = await surveyChain(ports)
  expect(whole.best?.block.hash).toBe(hash)
  const survey = await surveyChain(unreadable())
  expect(survey.best).toBeUndefined()
  expect(tellSurvey(survey)).toContain('the archive cannot be read: ')
  expect(tellSurvey(survey)).not.toContain('never committed here')
  await expect(placeHead(unreadable(), { hash, by: 'ann' })).rejects.toMatchObject({
    name: 'RefusedActError',
    message: expect.stringContaining('the archive cannot be read'),
  })
})

test('while there is a head it is the newest commit, whatever the archive says', async () => {
  const { hash } = await headOf(stage)
  expect((await surveyChain(unreadable())).best?.block.hash).toBe(hash)
})
