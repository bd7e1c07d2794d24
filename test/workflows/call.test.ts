import { expect, test } from 'vitest'
import { call } from '../../lib/operations/engine/call.ts'
import { UnfinishedActError } from '../../lib/operator/errors.ts'
import { interpret } from './interpret.ts'

test.each([
  [new UnfinishedActError('it was stopped', 'look at it'), 1],
  [new Error('a bad moment'), 4],
])('%s: called %d times', async (error, times) => {
  const task = { arn: 'arn:aws:lambda:eu-west-1:1:function:f', partition: 'aws' }
  const state = call({ task, payload: '$', resultPath: '$.done', next: 'Done', onError: 'Failed', seconds: 1 })
  const ends = { Done: { Type: 'Succeed' }, Failed: { Type: 'Fail', Error: 'Failed' } } as const
  let calls = 0
  await interpret({ Comment: '', StartAt: 'Act', TimeoutSeconds: 9, States: { Act: state, ...ends } }, {}, async () => {
    calls++
    throw error
  })
  expect(calls).toBe(times)
})
