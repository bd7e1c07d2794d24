import { expect, test } from 'vitest'
import { retryWhileUnavailable } from '../../lib/context/retry.ts'
import { StoreUnavailableError } from '../../lib/store/errors.ts'

const silent = new StoreUnavailableError('read', 'baton-heads/901', new Error('timeout'))

/** A clock whose sleeps take no time, and are counted. */
function countedClock() {
  const slept: number[] = []
  const clock = { now: () => 0, monotonic: () => 0, sleep: async (ms: number) => void slept.push(ms) }
  return { clock, slept }
}

/** Fails with each of `errors` in turn, and then answers. */
const answering =
  (...errors: Error[]) =>
  async () => {
    const error = errors.shift()
    if (error) throw error
    return 'the head'
  }

test('a store that was silent is asked again, and left alone in between', async () => {
  const { clock, slept } = countedClock()
  await expect(retryWhileUnavailable(clock, { tries: 3, pauseMs: 500 }, answering(silent, silent))).resolves.toBe(
    'the head',
  )
  expect(slept).toEqual([500, 500])
})

test('one that goes on being silent is reported, with no sleep after the last try', async () => {
  const { clock, slept } = countedClock()
  await expect(
    retryWhileUnavailable(clock, { tries: 3, pauseMs: 500 }, answering(silent, silent, silent)),
  ).rejects.toBe(silent)
  expect(slept).toEqual([500, 500])
})

test('whatever else goes wrong is not asked again', async () => {
  const { clock, slept } = countedClock()
  const other = new Error('the record cannot be read')
  await expect(retryWhileUnavailable(clock, { tries: 3, pauseMs: 500 }, answering(other))).rejects.toBe(other)
  expect(slept).toEqual([])
})
