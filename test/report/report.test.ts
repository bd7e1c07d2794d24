import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { provesNothing, takenShare } from './lane.ts'
import type { Result } from './results.ts'
import { summary } from './summary.ts'

const here = (file: string) => resolve(import.meta.dirname, file)
const result = (name: string, more: Partial<Result> = {}): Result => ({
  ...{ name, passed: 0, failed: 0, skipped: 0, failures: [] },
  ...more,
})
const [a, b] = ['test/a.test.ts', 'test/b.test.ts']
const failure = { test: 'leads > again', error: 'not within 10 s\nat test/a.test.ts:7' }

describe('the last lines of a run', () => {
  test('name what failed and how, what passed alone, what proves nothing, and the total', () => {
    const { lines, failed } = summary([
      result(a, { passed: 3, failed: 1, failures: [failure] }),
      result(b, { passed: 1, failed: 1, failures: [failure] }),
      result(a, { passed: 4 }),
      result('npm run check', { failed: 1, failures: [{ test: 'exit code 2', error: 'x.ts(1,1): error' }] }),
      result('test/c.test.ts', { passed: 1, skipped: 2, failures: [failure], note: 'INCONCLUSIVE, 31 %' }),
      result('npm run test:aws', { skipped: 1, note: 'LEFT OUT after 83 minutes' }),
    ])
    const how = ['  leads > again', '    not within 10 s', '    at test/a.test.ts:7']
    expect(lines).toEqual([
      ...['PASSED WHEN RUN AGAIN, ALONE: test/a.test.ts', ...how],
      ...['FAILED: test/b.test.ts', ...how],
      ...['FAILED: npm run check', '  exit code 2', '    x.ts(1,1): error'],
      ...['INCONCLUSIVE, 31 %: test/c.test.ts', ...how],
      'LEFT OUT after 83 minutes: npm run test:aws',
      '6 passed, 2 failed, 3 skipped',
    ])
    expect(failed).toBe(true)
  })
  test('name ten tests of a file and count the others', () => {
    const failures = Array.from({ length: 12 }, (_, i) => ({ test: `test ${i}`, error: 'x'.repeat(1_000) }))
    const { lines } = summary([result(a, { failed: 12, failures })])
    expect(lines).toHaveLength(1 + 20 + 1 + 1)
    expect(lines.at(-2)).toBe('  and 2 more')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(310)
  })
  test('all passed', () => {
    expect(summary([result(a, { passed: 2 })])).toEqual({ lines: ['2 passed, 0 failed, 0 skipped'], failed: false })
  })
})

describe('a file that failed twice proves nothing', () => {
  const inconclusive = (name: string) => result(name, { skipped: 1, note: 'INCONCLUSIVE, 30 %' })
  test('only on a host that gave more than a quarter of the CPU to others', () => {
    expect(provesNothing([a], [], 26)).toBe(true)
    expect(provesNothing([a], [], 25)).toBe(false)
  })
  test('only for two files of a whole run, and for no step', () => {
    expect(provesNothing([a, b], [], 60)).toBe(true)
    expect(provesNothing([a, b], [inconclusive('test/c.test.ts')], 60)).toBe(false)
    expect(provesNothing([b], [inconclusive(a), inconclusive('test/c.test.ts')], 60)).toBe(false)
    expect(provesNothing(['npm run test:real'], [], 60)).toBe(false)
  })
  test('by what the host took between two moments', () => {
    expect(takenShare({ all: 1_000, taken: 100 }, { all: 2_000, taken: 410 })).toBe(31)
  })
})

describe('a lane', () => {
  /** Runs the lane on a command that fails `failures` times; returns how often it ran and the summary. */
  async function lane(words: readonly string[], runs: readonly string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'lane-'))
    const [results, log] = [join(folder, 'results.jsonl'), join(folder, 'log')]
    writeFileSync(results, '')
    writeFileSync(log, '')
    const script = join(folder, 'command.sh')
    const cases = runs.map((body, i) => `${i + 1}) ${body.replaceAll('RESULTS', results)} ;;`).join('\n')
    writeFileSync(script, `echo "$@" >>${log}\ncase $(wc -l <${log}) in\n${cases}\nesac\n`)
    const env = { ...process.env, BATON_RESULTS: results, BATON_CI_SINCE: String(Math.floor(Date.now() / 1_000)) }
    const node = async (file: string, args: readonly string[]) =>
      await promisify(execFile)(process.execPath, [here(file), ...args], { env }).catch((error) => error)
    await node('lane.ts', [...words, 'sh', script])
    const { stdout } = await node('summary.ts', [])
    return { ran: readFileSync(log, 'utf8').split('\n').slice(0, -1), lines: stdout.trim().split('\n') }
  }
  const writes = (...results: readonly Result[]) =>
    results.map((each) => `printf '%s\\n' '${JSON.stringify(each)}' >>RESULTS; `).join('')
  const [passes, fails] = [result(a, { passed: 2 }), result(a, { passed: 1, failed: 1, failures: [failure] })]

  test('that needs no clock runs once, whatever comes of it', async () => {
    const { ran, lines } = await lane(['once'], [`${writes(fails)} exit 1`, writes(passes)])
    expect(ran).toHaveLength(1)
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped')
  })
  test('on a clock runs the files that failed once more, alone', async () => {
    const { ran, lines } = await lane(
      ['clock', '1'],
      [`${writes(fails, result(b, { passed: 1 }))} exit 1`, writes(passes)],
    )
    expect(ran).toEqual(['', `--maxWorkers=1 ${a}`])
    expect([lines[0], lines.at(-1)]).toEqual([`PASSED WHEN RUN AGAIN, ALONE: ${a}`, '3 passed, 0 failed, 0 skipped'])
  })
  test('on a clock that fails twice fails', async () => {
    const { ran, lines } = await lane(
      ['clock', '1'],
      [`${writes(fails)} exit 1`, `${writes(fails)} exit 1`, writes(passes)],
    )
    expect(ran).toHaveLength(2)
    // On a host that is busy with others this very run proves nothing, and says so.
    expect(lines[0]).toMatch(new RegExp(`^(FAILED|INCONCLUSIVE, .*): ${a}$`))
  })
  test('that fails outside of any file runs whole once more; how it failed is kept', async () => {
    const { ran, lines } = await lane(['clock', '1'], ['echo out of memory; exit 3', writes(passes)])
    expect(ran).toEqual(['', ''])
    expect(lines.slice(1)).toEqual(['  exit code 3', '    out of memory', '2 passed, 0 failed, 0 skipped'])
  })
  test('that would not end in time is left out', async () => {
    const { ran, lines } = await lane(['clock', '85'], [writes(passes)])
    expect(ran).toEqual([])
    expect(lines).toEqual([expect.stringMatching(/^LEFT OUT after 0 minutes: sh /), '0 passed, 0 failed, 1 skipped'])
  })
  test('whose command is not there fails', async () => {
    const { lines } = await lane(['once', join(tmpdir(), 'no-such-command')], [])
    expect(lines.slice(1, 3)).toEqual(['  exit code 127', expect.stringContaining('ENOENT')])
  })
})
