import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { cached } from '../../lib/lambda/cached.ts'

let now = 0
let source: () => Promise<string> = async () => 'one'
let reads = 0
const failures: unknown[] = []

const cache = () =>
  cached(
    () => {
      reads++
      return source()
    },
    { now: () => now, waitMs: 20, onFailure: (error) => void failures.push(error) },
  )

beforeEach(() => {
  now = 1_000_000
  source = async () => 'one'
  reads = 0
  failures.length = 0
})

const down = async () => {
  throw new Error('down')
}

test('a value is read once and used for a minute', async () => {
  const value = cache()
  expect(await Promise.all([value.get(), value.get()])).toEqual(['one', 'one'])
  now += 59_999
  await value.get()
  expect(reads).toBe(1)
  source = async () => 'two'
  now += 1
  expect(await value.get()).toBe('two')
})

test('renewed ahead, past half its life, nobody ever waits', async () => {
  const value = cache()
  await value.get()
  now += 29_999
  await value.renew()
  expect(reads).toBe(1)
  now += 1
  await value.renew()
  expect(reads).toBe(2)
})

test('while the source is down the last value stays, and the source is asked every five seconds at most', async () => {
  const value = cache()
  await value.get()
  source = down
  for (let ms = 0; ms < 20_000; ms += 100) {
    now += ms === 0 ? 60_000 : 100
    expect(await value.get()).toBe('one')
  }
  expect(reads).toBe(1 + 4)
  expect(failures).toHaveLength(4)
  source = async () => 'two'
  now += 5_000
  expect(await value.get()).toBe('two')
})

test('a source that hangs costs a caller the patience, once, and no more', async () => {
  const value = cache()
  await value.get()
  const { promise, resolve } = Promise.withResolvers<string>()
  source = () => promise
  now += 60_000
  const began = performance.now()
  expect(await value.get()).toBe('one')
  expect(performance.now() - began).toBeLessThan(2_000)
  resolve('two')
  await sleep(1)
  expect(await value.get()).toBe('two')
  expect(reads).toBe(2)
})

test('asked again, it is read again: once in five seconds, however many ask', async () => {
  const value = cache()
  await value.get()
  expect(await value.again()).toBe(false)
  now += 5_000
  expect(await Promise.all([value.again(), value.again()])).toContain(true)
  for (let i = 0; i < 1_000; i++) await value.again()
  expect(reads).toBe(2)
})

test('without any value the failure is reported, and the source is asked again after a second', async () => {
  const value = cache()
  source = down
  for (let i = 0; i < 100; i++) await expect(value.get()).rejects.toThrow('down')
  expect(reads).toBe(1)
  source = async () => 'one'
  now += 1_000
  expect(await value.get()).toBe('one')
})
