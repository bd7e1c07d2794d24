import { beforeEach, describe, expect, test } from 'vitest'
import { silentLog } from '../../lib/log.ts'
import type { Observer, Report } from '../../lib/operations/engine/procedure.ts'
import { RefusedActError } from '../../lib/operator/errors.ts'
import { backgroundJobs, type Runner } from '../../lib/serve/background-job.ts'

let runner: Runner
let changes: number

beforeEach(() => {
  changes = 0
  runner = backgroundJobs(silentLog, () => changes++)
})

const asked = { title: 'Backfill of bob', by: 'ann', waitMs: 5 }
const words = (text: string, held = false): Report => ({ value: {}, text: text, blocked: held })

/** A procedure that goes on until the test ends it; a signal ends it as a good one would. */
function endless() {
  let end: (reported: Report) => void = () => {}
  let fail: (error: Error) => void = () => {}
  const procedure = (watching: Observer) =>
    new Promise<Report>((resolve, reject) => {
      end = resolve
      fail = reject
      watching.say('block 1 is missing')
      watching.progress('1 of 9')
      watching.steps([{ label: 'upgrade bob', state: 'under way' }])
      watching.signal.addEventListener('abort', () => resolve(words('interrupted', true)))
    })
  return { procedure, end: (reported: Report) => end(reported), fail: (error: Error) => fail(error) }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('a run', () => {
  test('that ends at once is the answer', async () => {
    expect(await runner.start({ ...asked, waitMs: 1_000 }, async () => words('nothing is missing'))).toBe(
      'nothing is missing',
    )
    expect(runner.current()).toMatchObject({ ended: { how: 'done', words: 'nothing is missing' }, by: 'ann' })
  })

  test('that goes on is shown while it does, and so is its end', async () => {
    const { procedure, end } = endless()
    expect(await runner.start(asked, procedure)).toContain('continues')
    expect(runner.current()).toMatchObject({
      title: 'Backfill of bob',
      lines: ['block 1 is missing'],
      progress: '1 of 9',
      steps: [{ label: 'upgrade bob' }],
    })
    const before = changes
    end(words('9 blocks plugged'))
    await settled()
    expect(runner.current()?.ended).toMatchObject({ how: 'done', words: '9 blocks plugged' })
    expect(changes).toBeGreaterThan(before)
  })

  test('keeps a bounded number of lines', async () => {
    await runner.start(asked, async ({ say }) => {
      for (let i = 0; i < 1_000; i++) say(`line ${i}`)
      return words('done')
    })
    expect(runner.current()?.lines.length).toBeLessThanOrEqual(200)
    expect(runner.current()?.lines.at(-1)).toBe('line 999')
  })

  test.each([
    ['refused', new RefusedActError('it sequences', 'move it away'), 'it sequences. To do: move it away'],
    ['failed', new Error('the disk is full'), 'the disk is full'],
  ])('that is %s says why, and what to do', async (how, error, why) => {
    await expect(runner.start({ ...asked, waitMs: 1_000 }, () => Promise.reject(error))).rejects.toThrow(error)
    expect(runner.current()?.ended).toMatchObject({ how, words: why })
  })

  test('that fails later, when nothing waits, ends the run and nothing else', async () => {
    const { procedure, fail } = endless()
    await runner.start(asked, procedure)
    fail(new Error('late'))
    await settled()
    expect(runner.current()?.ended).toMatchObject({ how: 'failed', words: 'late' })
  })
})

describe('one at a time', () => {
  test('a second one is refused, and does not take the place of the first', async () => {
    const first = endless()
    await runner.start(asked, first.procedure)
    let ran = false
    const second = runner.start({ ...asked, title: 'Recovery of cyd' }, async () => {
      ran = true
      return words('')
    })
    await expect(second).rejects.toThrow('Backfill of bob is running, and only one procedure runs at a time')
    expect(ran).toBe(false)
    expect(runner.current()?.title).toBe('Backfill of bob')
    first.end(words('done'))
    await settled()
    expect(await runner.start(asked, async () => words('again'))).toBe('again')
  })

  test('stop: it is asked, and shown to stop until it has', async () => {
    const { procedure } = endless()
    await expect(runner.stop('ann')).rejects.toThrow('nothing runs')
    await runner.start(asked, procedure)
    await expect(runner.dismiss()).rejects.toThrow('runs')
    await runner.stop('ann')
    expect(runner.current()?.stopping).toBe(true)
    await settled()
    expect(runner.current()?.ended).toMatchObject({ how: 'stopped', words: 'interrupted' })
    await runner.dismiss()
    expect(runner.current()).toBeUndefined()
  })

  test('close: what runs is asked to stop and awaited', async () => {
    const { procedure } = endless()
    await runner.start(asked, procedure)
    await runner.close()
    expect(runner.current()?.ended?.how).toBe('stopped')
  })
})
