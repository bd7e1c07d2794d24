import * as v from 'valibot'
import { expect, test } from 'vitest'
import type { Operation } from '../../lib/operations/engine/operation.ts'
import { runHere } from '../../lib/operations/engine/run-here.ts'
import { RefusedActError, UnfinishedActError } from '../../lib/operator/errors.ts'
import { runMachine } from './run-machine.ts'

type Clock = Parameters<typeof runHere>[1]

/** An operation of one step, which fails. */
function failing(error: Error, once: boolean) {
  const calls = { n: 0 }
  const operation: Operation<Clock, object, object> = {
    name: 'Sample',
    comment: '',
    handlerSeconds: 1,
    timeoutSeconds: 9,
    document: { guide: '', fields: {}, dangerous: false },
    input: v.object({}),
    state: v.object({}),
    start: 'Act',
    nodes: {
      Act: {
        does: 'act',
        async run() {
          calls.n++
          throw error
        },
        seconds: 1,
        ...(once && { once: true }),
        next: 'Done',
        failed: 'Failed',
      },
      Done: { end: 'succeeded', comment: '' },
      Failed: { end: 'failed', error: 'Failed', why: 'error' },
    },
  }
  return { operation, calls }
}

const ports = { clock: { now: () => 0, monotonic: () => 0, sleep: async () => {} } }

test.each([
  ['an answer that stands', new UnfinishedActError('it was stopped', 'see to it'), false, 1],
  ['a refusal', new RefusedActError('no', 'see to it'), false, 1],
  ['a bad moment', new Error('a bad moment'), false, 4],
  ['a bad moment of a step that is not to be done twice', new Error('a bad moment'), true, 1],
])('%s: called so often in this process as by the state machine', async (_, error, once, times) => {
  const here = failing(error, once)
  const ended = await runHere(here.operation, ports, {})
  expect([ended.name, ended.error, here.calls.n]).toEqual(['Failed', error, times])
  const there = failing(error, once)
  const { path, error: cause } = await runMachine(there.operation, ports, {})
  expect([path.at(-1), cause?.message, there.calls.n]).toEqual(['Failed', error.message, times])
})
