import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { HistoryRecord } from '../../protocol/records.ts'
import { formatReasons } from '../../text/format.ts'
import { checkRules, type Drill } from './drill.ts'
import { BLOCK_TIME_MS, setStage } from './set-stage.ts'
import type { Stage } from './stage.ts'

/** The result of one check. */
export type Checked = { readonly must: string; readonly holds: boolean; readonly seen?: string }

/** The result of a drill. */
export type Played = {
  readonly id: string
  readonly name: string
  readonly passed: boolean
  readonly checks: readonly Checked[]
  /** Baton's acts in the words of its History, oldest first. */
  readonly did: readonly string[]
  /** What it paged for, each once. */
  readonly paged: readonly string[]
  /** The longest run of slots without a block, from the cause to the end. */
  readonly slotsMissed: number
  readonly history: readonly HistoryRecord[]
  readonly tookMs: number
  /** More than one: the machine was too busy before. */
  readonly tries: number
}

/** A drill that takes longer than this hangs (ms). */
const BOUND_MS = 60_000

/** A machine that delays this process by this much (ms) makes healthy nodes look silent. */
const DISTURBED_MS = 150
const TRIES = 3

/**
 * Plays a drill on a chain of its own. Never throws: an error becomes a check that does not hold. A drill that fails
 * while the machine was too busy to run this process in time proves nothing, and is played again.
 */
export async function play(drill: Drill): Promise<Played> {
  for (let tries = 1; ; tries++) {
    const delay = monitorEventLoopDelay({ resolution: 20 })
    delay.enable()
    const played = await playOnce(drill)
    delay.disable()
    if (played.passed || tries === TRIES || delay.max / 1e6 < DISTURBED_MS) return { ...played, tries }
  }
}

async function playOnce(drill: Drill): Promise<Omit<Played, 'tries'>> {
  const from = performance.now()
  const checks: Checked[] = []
  const check = (must: string, holds: boolean, seen?: unknown) => {
    checks.push({ must, holds, ...(seen !== undefined && { seen: String(seen) }) })
  }
  const reported = { did: [] as string[], paged: [] as string[], slotsMissed: 0, history: [] as HistoryRecord[] }
  try {
    const { stage, close } = await setStage(drill.stage)
    try {
      await bounded(drill.play(stage, check))
      Object.assign(reported, await report(stage))
      checkRules(stage, reported.history, check)
    } finally {
      await close()
    }
    check('something was checked and the cause was brought about', checks.length > 4 && stage.began() > 0)
  } catch (error) {
    check('the drill runs to its end', false, error instanceof Error ? error.message : error)
  }
  const passed = checks.every(({ holds }) => holds)
  return { id: drill.id, name: drill.name, passed, checks, ...reported, tookMs: performance.now() - from }
}

/** Plays drills side by side, each on its own chain; calls back at the end of each. */
export async function playAll(
  drills: readonly Drill[],
  { atOnce, onPlayed }: { readonly atOnce: number; readonly onPlayed?: (played: Played) => void },
): Promise<Played[]> {
  const waiting = [...drills]
  const played = new Map<string, Played>()
  const work = async () => {
    for (let drill = waiting.shift(); drill; drill = waiting.shift()) {
      const done = await play(drill)
      played.set(drill.id, done)
      onPlayed?.(done)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return drills.flatMap(({ id }) => played.get(id) ?? [])
}

async function bounded(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${BOUND_MS / 1000} s`)), BOUND_MS)
  })
  await Promise.race([work, end]).finally(() => clearTimeout(timer))
}

async function report(stage: Stage): Promise<Pick<Played, 'did' | 'paged' | 'slotsMissed' | 'history'>> {
  const history = await stage.history()
  const isPage = ({ what }: HistoryRecord) => what === 'page' || what === 'page-over'
  const pages = history.filter(({ what }) => what === 'page').flatMap(({ reasons }) => reasons.slice(0, 1))
  const paged = new Map(pages.map((page) => [`${page.code} ${page.node}`, formatReasons([page])]))
  const acts = history.filter((record) => !isPage(record))
  return {
    history,
    did: acts.map(
      ({ what, node = '', reasons }) => `${what} ${node}`.trim() + because(formatReasons(reasons.slice(0, 1))),
    ),
    paged: [...paged.values()],
    slotsMissed: slotsMissed(stage),
  }
}

const because = (why: string) => (why === '' ? '' : ` (${why})`)

function slotsMissed({ acknowledged, began }: Stage): number {
  const last = acknowledged.findLast(({ at }) => at < began())?.at ?? began()
  const times = [last, ...acknowledged.filter(({ at }) => at >= began()).map(({ at }) => at), Date.now()]
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? at))
  return Math.max(0, Math.round(Math.max(...gaps) / BLOCK_TIME_MS) - 1)
}
