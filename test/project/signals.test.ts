import { globSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { signalWithin } from '../../lib/signal-within.ts'

setFlagsFromString('--expose_gc')
const collectGarbage: () => void = runInNewContext('gc')

/** Polls as a step in slices does, with garbage collected meanwhile. */
async function pollWhile(signal: AbortSignal, end: () => boolean): Promise<void> {
  while (!end() && !signal.aborted) {
    collectGarbage()
    await sleep(20)
  }
}

test('a signal that nothing listens to ends after its time, whatever garbage is collected', async () => {
  const began = performance.now()
  const signal = signalWithin(200, new AbortController().signal)
  await pollWhile(signal, () => performance.now() - began > 5_000)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

test('it ends with the other signal, and at once if that has ended', async () => {
  const outer = new AbortController()
  const signal = signalWithin(60_000, outer.signal)
  setTimeout(() => outer.abort(new Error('stopped')), 100)
  const began = performance.now()
  await pollWhile(signal, () => performance.now() - began > 5_000)
  expect(signal.reason).toMatchObject({ message: 'stopped' })
  expect(signalWithin(60_000, outer.signal).aborted).toBe(true)
})

test('nothing joins a timeout to another signal in the way that loses it', () => {
  const files = globSync('{lib,lambdas,bin}/**/*.ts')
  expect(files.length).toBeGreaterThan(300)
  const joined = files.filter((file) => /AbortSignal\.any\([^)]*AbortSignal\.timeout/.test(readFileSync(file, 'utf8')))
  expect(joined).toEqual([])
})
