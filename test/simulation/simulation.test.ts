import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { cases } from '../cases.ts'
import { runBatch } from './batch.ts'
import { runSeed } from './history.ts'
import { mutated } from './mutate.ts'
import { MUTATIONS } from './mutations.ts'
import { printFailure, printHistory } from './print.ts'
import { runMutations } from './run-mutations.ts'
import { missed } from './sometimes.ts'

/** So few need not reach everything. */
const [FEW, ALL] = [400, 2_000]
const HISTORIES = cases({ few: FEW, all: ALL })

const NOTICED = ['commit without checking the leader', 'fence writes the leader, not the term']

const countFaults = (text: string) => text.split('\n').filter((line) => line.startsWith('fault: ')).length

/** `npm run simulate -- …`: the exit code and what was printed. */
function simulate(...input: string[]): Promise<{ code: number; text: string }> {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...input], (error, text, problem) =>
      resolve({ code: error ? Number(error.code) : 0, text: text + problem }),
    )
  })
}

test(`${HISTORIES} histories: nothing that must not be, and every interesting state in ${ALL}`, {
  timeout: 240_000,
}, async () => {
  const { failures, reached, histories } = await runBatch({
    from: 1,
    histories: HISTORIES,
    workers: Math.max(2, cpus().length - 1),
  })
  expect(failures.map(({ seed, violation }) => printFailure(seed, violation))).toEqual([])
  expect(histories).toBe(HISTORIES)
  if (HISTORIES === ALL) expect(missed(reached)).toEqual([])
})

describe('a seed is a history', () => {
  test.each([3, 14, 159])('%i twice: the same lines', async (seed) => {
    const [once, again] = [await runSeed(seed, { keepLines: true }), await runSeed(seed, { keepLines: true })]
    expect(printHistory(again)).toBe(printHistory(once))
    expect(once.lines.length).toBeGreaterThan(20)
  })

  test('two seeds: two histories', async () => {
    expect((await runSeed(3)).digest).not.toBe((await runSeed(4)).digest)
  })

  test('lines that are not kept change nothing', async () => {
    expect((await runSeed(3)).digest).toBe((await runSeed(3, { keepLines: true })).digest)
  })
})

describe('a protocol that is wrong', () => {
  test('is noticed; its history is made smaller, and printed as a timeline', { timeout: 120_000 }, async () => {
    const few = MUTATIONS.filter(({ name }) => NOTICED.includes(name))
    const results = await runMutations({ mutations: few, histories: 2_000, workers: 2 })
    expect(results.filter(({ killed }) => killed).map(({ mutation: { name } }) => name)).toEqual(NOTICED)

    const seed = results[0]?.killed?.seed ?? 0
    const { code, text } = await simulate('--seed', String(seed), '--mutation', NOTICED[0] ?? '')
    const whole = printHistory(await runSeed(seed))
    expect(code).toBe(1)
    expect(countFaults(text)).toBeLessThan(countFaults(whole))
    expect(text).toMatch(/\d+ ms {2}gate-\d +commit \d+ → head \d+ 0x\w+ leader \w+ term \d+/)
    expect(text).toMatch(/\d+ ms {2}REFEREE +invariant \w+ is broken/)
  })

  test.each(MUTATIONS)('$name: its place is in the product', (mutation) => {
    const source = readFileSync(new URL(`../../lib/${mutation.file}`, import.meta.url), 'utf8')
    expect(mutated(mutation, source)).not.toBe(source)
  })
})

test('a history without a violation ends with code 0', async () => {
  const { code, text } = await simulate('--seed', '3')
  expect(code).toBe(0)
  expect(text).toMatch(/no violation in \d+ ms/)
})
