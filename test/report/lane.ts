import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { addResult, type Result, readResults, stepResult } from './results.ts'

/** Minutes after which nothing is begun that would not end in time, and after which whatever runs is ended. */
const [LIMIT, END] = [84, 88]
/** The share of the CPU (%) from which on a host is none to prove anything on that takes place in time. */
const TAKEN = 25
/** So many files of a run may be inconclusive. */
const MOST = 2
/** Lines of a step without test files that say how it failed. */
const TAIL = 12

const minutes = () => (Date.now() / 1_000 - Number(process.env.BATON_CI_SINCE ?? Date.now() / 1_000)) / 60

/** Runs a command once: what needs no clock proves the same on any machine. */
export async function once(command: readonly string[]): Promise<void> {
  await failingOf(command.join(' '), command)
}

/**
 * Runs tests on clocks or real programs; files that failed are run once more, alone. A second failure is one, unless
 * the host gave the CPU to others meanwhile.
 */
export async function clock(most: number, command: readonly string[]): Promise<void> {
  const name = command.join(' ')
  if (minutes() + most > LIMIT)
    return addResult(stepResult(name, { skipped: 1, note: `LEFT OUT after ${Math.floor(minutes())} minutes` }))
  const before = cpuTimes()
  const failed = await failingOf(name, command)
  if (failed.length === 0 || minutes() > LIMIT) return
  // What failed outside of any file means all of them.
  const files = failed.every(isFile) ? ['--maxWorkers=1', ...failed] : []
  const again = await failingOf(name, [...command, ...files])
  if (again.length === 0) for (const step of failed.filter((each) => !isFile(each))) addResult(stepResult(step, {}))
  const share = takenShare(before, cpuTimes())
  const results = readResults()
  if (!provesNothing(again, results, share)) return
  for (const { skipped, failed: count, ...rest } of again.flatMap((each) => results.findLast(isOf(each)) ?? [])) {
    const note = `INCONCLUSIVE, the host took ${share} % of the CPU meanwhile`
    addResult({ ...rest, failed: 0, skipped: skipped + count, note })
  }
}

const isFile = (name: string): boolean => name.endsWith('.test.ts')
const isOf =
  (name: string) =>
  (result: Result): boolean =>
    result.name === name

/** Whether what failed twice says nothing: only for a few files, and only on a host that was busy with others. */
export function provesNothing(failed: readonly string[], results: readonly Result[], share: number): boolean {
  const names = new Set(results.filter(({ note }) => note?.startsWith('INCONCLUSIVE')).map(({ name }) => name))
  return share > TAKEN && failed.every(isFile) && new Set([...names, ...failed]).size <= MOST
}

/** Runs a command; the names of what failed in it: files, or the step itself if it was none of them. */
async function failingOf(name: string, command: readonly string[]): Promise<string[]> {
  const known = readResults().length
  console.log(`── ${Math.floor(minutes())} min: ${command.join(' ')}`)
  const { code, tail } = await run(command)
  const newest = new Map(
    readResults()
      .slice(known)
      .map((result) => [result.name, result]),
  )
  const failed = [...newest.values()].flatMap((result) => (result.failed > 0 ? [result.name] : []))
  if (code === 0 || failed.length > 0) return failed
  const failures = [{ test: code === undefined ? `ended after ${END} minutes` : `exit code ${code}`, error: tail }]
  addResult(stepResult(name, { failed: 1, failures }))
  return [name]
}

/** `code` is undefined if the command was ended because time was up. */
async function run([file = '', ...args]: readonly string[]): Promise<{ code: number | undefined; tail: string }> {
  // A group of its own: a runner that is ended takes its workers and what they started with it.
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let ended = false
  const timer = setTimeout(
    () => {
      ended = true
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    },
    Math.max(0, END - minutes()) * 60_000,
  )
  let lines: string[] = []
  const show = (chunk: Buffer) => {
    process.stdout.write(chunk)
    lines = `${lines.join('\n')}${chunk}`.split('\n').slice(-TAIL - 1)
  }
  child.stdout.on('data', show)
  child.stderr.on('data', show)
  const code = await new Promise<number>((done) => {
    child.on('error', (error) => {
      show(Buffer.from(`${error.message}\n`))
      done(127)
    })
    child.on('close', (exit) => done(exit ?? 1))
  })
  clearTimeout(timer)
  return { code: ended ? undefined : code, tail: lines.join('\n').trim() }
}

/** CPU time of the machine so far, and how much of it the host gave to others, in ticks. */
export type CpuTimes = { readonly all: number; readonly taken: number }

function cpuTimes(): CpuTimes {
  const ticks = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number)
  return { all: ticks.reduce((sum, each) => sum + each, 0), taken: ticks[7] ?? 0 }
}

export const takenShare = (before: CpuTimes, after: CpuTimes): number =>
  Math.round((100 * (after.taken - before.taken)) / Math.max(1, after.all - before.all))

if (import.meta.main) {
  const [lane, ...rest] = process.argv.slice(2)
  if (lane === 'once') await once(rest)
  else if (lane === 'clock') await clock(Number(rest[0]), rest.slice(1))
  else throw new Error('usage: lane.ts once COMMAND… | lane.ts clock MINUTES COMMAND…')
}
