import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

// How long an operator waits: from "baton start" to the page, for "baton status" on a local chain, and for the end of
// "baton watch" after Ctrl-C.

const GOALS = { start: 2_000, status: 1_000, watch: 300 } as const
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' } } })
const rounds = Number(values.rounds)
const folder = mkdtempSync(join(tmpdir(), 'baton-bench-cli-'))

const baton = (...words: string[]) =>
  spawn(process.execPath, [resolve('bin/baton.ts'), ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })

async function startToPage() {
  const began = performance.now()
  const child = baton('start', '--no-open', '--port', '0', '--gate-port', '0')
  let out = ''
  child.stdout.on('data', (text) => {
    out += String(text)
  })
  for (;;) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+\/\S*/.exec(out) ?? []
    if (url !== undefined && (await fetch(url).catch(() => undefined))?.ok) break
    await sleep(5)
  }
  return { tookMs: performance.now() - began, child }
}

async function status(): Promise<number> {
  const began = performance.now()
  const child = baton('status')
  child.stdout.resume()
  await once(child, 'close')
  return performance.now() - began
}

async function watchToEnd(): Promise<number> {
  const child = baton('watch')
  await once(child.stdout, 'data')
  await sleep(Math.random() * 1_000)
  const began = performance.now()
  child.kill('SIGINT')
  child.stdout.resume()
  await once(child, 'close')
  return performance.now() - began
}

async function many(once: () => Promise<number>): Promise<number[]> {
  const took: number[] = []
  for (let i = 0; i < rounds; i++) took.push(await once())
  return took.sort((a, b) => a - b)
}

function report(what: string, took: readonly number[], goal: number) {
  const p50 = took[Math.floor(took.length / 2)] ?? Number.NaN
  const times = `p50 ${p50.toFixed(0)} ms, worst ${took.at(-1)?.toFixed(0)} ms`
  process.stdout.write(`${what}: ${times}; ${(p50 / goal).toFixed(2)} of the goal of ${goal} ms\n`)
}

try {
  const first = await startToPage()
  report('baton start to page', [first.tookMs], GOALS.start)
  await sleep(5_000)
  // The first command of a machine compiles the code; the others find it in the cache.
  report('the first baton status', [await status()], GOALS.status)
  report('baton status', await many(status), GOALS.status)
  report('baton watch, Ctrl-C to end', await many(watchToEnd), GOALS.watch)
  first.child.kill('SIGINT')
  await once(first.child, 'close')
} finally {
  rmSync(folder, { recursive: true })
}
