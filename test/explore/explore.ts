import { Explorer, type Step } from './explorer.ts'
import type { Scope } from './scope.ts'
import { StateSet, WIDTH } from './state-set.ts'
import type { Dropped } from './tables.ts'
import { describeFirst, describeStep } from './trace.ts'

/** What an exploration came to. */
export type Explored = {
  readonly states: number
  readonly transitions: number
  /** Steps to the furthest state. */
  readonly depth: number
  /** CPU time, ms: a machine that is shared takes longer. */
  readonly ms: number
  /** Nothing within the bounds was left out. */
  readonly exhausted: boolean
  readonly broken?: { readonly rule: string; readonly trace: readonly string[] }
  readonly explorer: Explorer
}

export type Limits = {
  readonly dropped?: Dropped
  /** Ends the exploration at so many states. */
  readonly states?: number
  readonly onProgress?: (now: { readonly states: number; readonly transitions: number; readonly depth: number }) => void
}

const PROGRESS_EVERY = 2 ** 16

/**
 * Goes through every state that is reachable within the bounds, the nearest first, so that the first broken rule has
 * the shortest trace.
 */
export async function explore(
  scope: Scope,
  { dropped, states: most = 2 ** 27, onProgress }: Limits = {},
): Promise<Explored> {
  const began = process.cpuUsage()
  // Programs that are run to each of their ends throw a lot.
  Error.stackTraceLimit = 0
  const explorer = new Explorer(scope, dropped)
  const states = new StateSet()
  const state = new Int32Array(WIDTH)
  states.add(explorer.first(), -1)
  let transitions = 0
  let depth = 0
  let levelEnds = 1
  let broken: { from: number; step: Step; rule: string } | undefined
  let from = 0
  for (; from < states.size && !broken && states.size < most; from++) {
    if (from === levelEnds) {
      depth++
      levelEnds = states.size
    }
    states.read(from, state)
    await explorer.each(state, (next, step, rule) => {
      transitions++
      if (rule) broken ??= { from, step, rule }
      else states.add(next, from)
    })
    if (from % PROGRESS_EVERY === 0) onProgress?.({ states: states.size, transitions, depth })
  }
  const counts = { states: states.size, transitions, depth, ms: spent(began), explorer }
  if (!broken) return { ...counts, exhausted: from === states.size }
  const { rule, step } = broken
  const trace = await retrace(explorer, states, broken.from)
  states.read(broken.from, state)
  return {
    ...counts,
    exhausted: false,
    broken: { rule, trace: [...trace, `${describeStep(explorer, state, step)}  ✗ ${rule}`] },
  }
}

function spent(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

/** The steps to a state, each found again among those of the state before. */
async function retrace(explorer: Explorer, states: StateSet, last: number): Promise<string[]> {
  const path: number[] = []
  for (let index = last; index >= 0; index = states.parentOf(index)) path.unshift(index)
  const lines = [describeFirst()]
  const before = new Int32Array(WIDTH)
  const after = new Int32Array(WIDTH)
  for (const [i, index] of path.slice(1).entries()) {
    states.read(path[i] ?? 0, before)
    states.read(index, after)
    let line: string | undefined
    await explorer.each(before, (next, step, rule) => {
      if (!rule && line === undefined && next.every((each, at) => each === after[at]))
        line = describeStep(explorer, before, step, after)
    })
    lines.push(line ?? 'a step that is not found again')
  }
  return lines
}
