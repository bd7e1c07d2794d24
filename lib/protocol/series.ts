import type { Hash } from './block.ts'
import type { Command, View } from './decision.ts'
import { isShort } from './node-history.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'

/** An act on a node that may need repeating: only later observations show its effect. */
export type RepeatedAct = 'start' | 'stop' | 'reset-derivation' | 'top-up'

/** Equal acts on one node while their effect is not observed. Times in Unix ms. */
export type Series = {
  readonly act: RepeatedAct
  readonly node: NodeName
  readonly count: number
  readonly first: number
  readonly last: number
  /** The term and the head's number at the last attempt. */
  readonly term: number
  readonly head: bigint
  /** The node's newest block then, if it reported one. */
  readonly stood?: Hash
}

/** The bounds of a series: attempts before a page, and the pause after the first one (ms); it doubles. */
type Bound = { readonly tries: number; readonly pauseMs: number; readonly mostMs: number; readonly goesOn: boolean }

const BOUNDS: Readonly<Record<RepeatedAct, Bound>> = {
  // The chain may have no other node: the page stands, and Baton retries the node once a minute.
  start: { tries: 4, pauseMs: 1_000, mostMs: 60_000, goesOn: true },
  // Its commits are refused whether it stops or not.
  stop: { tries: 4, pauseMs: 5_000, mostMs: 20_000, goesOn: false },
  // Derivation takes time.
  'reset-derivation': { tries: 3, pauseMs: 30_000, mostMs: 60_000, goesOn: false },
  // If the first attempts have no effect, more will not help: something else is wrong with the node.
  'top-up': { tries: 4, pauseMs: 2_000, mostMs: 10_000, goesOn: false },
}

/** The key of a series. */
export const seriesKey = (act: RepeatedAct, node: NodeName): string => `${act} ${node}`

const isRepeated = (command: Command): command is Extract<Command, { act: RepeatedAct }> =>
  Object.hasOwn(BOUNDS, command.act)

/** Adds an attempt, made now, to the series of an act, or begins one. */
export function addAttempt(
  { acts, observed, now }: View,
  act: RepeatedAct,
  node: NodeName,
  { term, number }: Head,
): Series {
  const { count, first } = acts?.[seriesKey(act, node)] ?? { count: 0, first: now }
  const consensus = observed[node]?.observation.consensus
  const stood = consensus?.ok ? { stood: consensus.value.unsafe.hash } : {}
  return { act, node, count: count + 1, first, last: now, term, head: number, ...stood }
}

/** How long an act rests after its last attempt (ms). */
function pauseOf({ act, count }: Series): number {
  const { pauseMs, mostMs } = BOUNDS[act]
  return Math.min(mostMs, pauseMs * 2 ** (count - 1))
}

/** All attempts were made, and the last one had its time, also by a clock that was set back since. */
const isSpent = ({ act, count, last }: Series, now: number): boolean =>
  count >= BOUNDS[act].tries && Math.abs(now - last) >= BOUNDS[act].pauseMs

/** Whether an act may run now: the first time, and then after growing pauses, up to its bound. */
export function mayAct({ acts, head, now }: View, act: RepeatedAct, node: NodeName): boolean {
  const series = acts?.[seriesKey(act, node)]
  if (!series) return true
  // A new term is a new order to start; our own clock may have been set back since the last attempt.
  if (act === 'start' && series.term !== head?.term) return true
  if (Math.abs(now - series.last) < pauseOf(series)) return false
  return BOUNDS[act].goesOn || series.count < BOUNDS[act].tries
}

/** A node's starts succeeded without a block, and have used up their bound. */
export function isStartSpent({ acts, head, now }: View, node: NodeName): boolean {
  const series = acts?.[seriesKey('start', node)]
  return series !== undefined && series.term === head?.term && isSpent(series, now)
}

/**
 * Drops acts whose pause is not over or whose bound is reached, and pages for the latter: an act repeated without
 * effect needs a person.
 */
export function boundActs(view: View, wanted: readonly Command[]): { commands: Command[]; page: Reason[] } {
  const commands = wanted.filter((command) => !isRepeated(command) || mayAct(view, command.act, command.node))
  const page = wanted.filter(isRepeated).flatMap(({ act, node }) => {
    const series = view.acts?.[seriesKey(act, node)]
    return series && isSpent(series, view.now) ? [noEffect(series)] : []
  })
  return { commands, page }
}

/** The page for a spent series. */
export const noEffect = ({ act, node, count, first, last }: Series): Reason =>
  reason(act === 'top-up' ? 'takes-nothing' : 'no-effect', { act, tries: count, ms: last - first }, node)

/**
 * The series that continue after an observation. A series ends when its effect is observed, or its node is no longer
 * configured. A node that does not answer shows neither.
 */
export function keepSeries(view: View): Series[] {
  return Object.values(view.acts ?? {}).filter((series) => !isOver(view, series))
}

function isOver({ head, observed, nodes }: View, { act, node, head: at, term, last, stood }: Series): boolean {
  if (!nodes.some(({ name }) => name === node)) return true
  const { observation: sample, history } = observed[node] ?? {}
  const consensus = sample?.consensus
  switch (act) {
    case 'start':
      // A commit since, under this term or a later one: this node led, or another one does.
      return head !== undefined && head.number > at && head.committedTerm === head.term && head.term >= term
    case 'stop':
      return consensus?.ok === true && !consensus.value.sequencing
    case 'reset-derivation':
      // A changed head while the execution client stays short is no effect.
      return (
        consensus?.ok === true && consensus.value.unsafe.hash !== stood && !(sample && isShort(sample, history?.peak))
      )
    case 'top-up': {
      // A node that was away starts over.
      const since = observed[node]?.consensus.since ?? last
      return consensus?.ok === true && (consensus.value.unsafe.hash !== stood || since > last)
    }
  }
}
