import { expect, test } from 'vitest'
import { messageOf } from '../../lib/operations/engine/take-step.ts'

test.each([
  [
    'as Lambda wraps it',
    { Error: 'RecoveryFailedError', Cause: '{"errorMessage":"no method helped","stack":["at x"]}' },
    'no method helped',
  ],
  ['as a state machine itself says it', { Error: 'States.Timeout', Cause: 'after 900 s' }, 'after 900 s'],
  ['JSON that says something else', { Error: 'x', Cause: '{"a":1}' }, '{"a":1}'],
  ['a name alone', { Error: 'States.Timeout', Cause: '' }, 'States.Timeout'],
  ['nothing', { Error: '', Cause: '' }, 'it failed'],
])('what a task failed with: %s', (_, caught, reported) => {
  expect(messageOf(caught)).toBe(reported)
})

test('what was said at length is cut', () => {
  expect(messageOf({ Error: '', Cause: 'x'.repeat(5_000) })).toHaveLength(1_000)
})
