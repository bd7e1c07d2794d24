import { expect, test } from 'vitest'
import type { Clock } from '../../../lib/simulator/chain/clock.ts'
import { Process } from '../../../lib/simulator/chain/process.ts'

const clock: Clock = {
  now: () => 0,
  after(ms, work) {
    const timer = setTimeout(work, ms)
    return () => clearTimeout(timer)
  },
}

test('what was under way when a process was killed does not go on in its next life', async () => {
  const process = new Process(clock)
  process.start()
  const old = process.life()
  const seen: string[] = []
  process.kill()
  process.start()
  const next = process.life()
  for (const [name, life] of Object.entries({ old, next })) {
    life.run(() => seen.push(`${name} ran`))
    life.after(0, () => seen.push(`${name} waited`))
    void life.ask(async () => seen.push(`${name} asked`))
  }
  await new Promise((done) => setTimeout(done, 20))
  expect(seen).toEqual(['next ran', 'next asked', 'next waited'])
})
