import type { Hash } from './block.ts'
import type { Command, View } from './decision.ts'
import { isShort } from './node-history.ts'
import { type Reason, reason } from './reason.ts'
import type { Head, NodeName } from './records.ts'

/** An act on a node that may have to be repeated: what it changes is seen only in later looks. */
export type RepeatedAct = 'start' | 'stop' | 'reset-derivation' | 'top-up'

/** Equal acts on one node, as long as their effect is not seen. Times in Unix ms. */
export type Series = {
  readonly act: RepeatedAct
  readonly node: NodeName
  readonly count: number
  readonly first: number
  readonly last: number
  /** The term and the head's number when the act was last done. */
  readonly term: number
  readonly head: bigint
  /** The node's newest block then, if it told. */
  readonly stood?: Hash
}

/** What bounds a series: tries after which a person is paged, and the pause after the first try (ms); it doubles. */
type Bound = { readonly tries: number; readonly pauseMs: number; readonly mostMs: number; readonly goesOn: boolean }

const BOUNDS: Readonly<Record<RepeatedAct, Bound>> = {
  // The chain may have no other node: the page stands, and the node is tried again once a minute.
  start: { tries: 4, pauseMs: 1_000, mostMs: 60_000, goesOn: true },
  // Its commits are refused whether it stops or not.
  stop: { tries: 4, pauseMs: 5_000, mostMs: 20_000, goesOn: false },
  // A node takes its time to derive.
  'reset-derivation': { tries: 3, pauseMs: 30_000, mostMs: 60_000, goesOn: false },
  // What it does not take in the first tries it does not take: something else is wrong with it.
  'top-up': { tries: 4, pauseMs: 2_000, mostMs: 10_000, goesOn: false },
}

/** The name a series goes by. */
export const seriesKey = (act: RepeatedAct, node: NodeName): string => `${act} ${node}`

const isRepeated = (command: Command): command is Extract<Command, { act: RepeatedAct }> =>
  Object.hasOwn(BOUNDS, command.act)

/** Adds a try, made now, to the series of an act, or begins one. */
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

/** How long an act rests after its last try (ms). */
function pauseOf({ act, count }: Series): number {
  const { pauseMs, mostMs } = BOUNDS[act]
  return Math.min(mostMs, pauseMs * 2 ** (count - 1))
}

/** All tries were made, and the last one had its time. */
const isSpent = ({ act, count, last }: Series, now: number): boolean =>
  count >= BOUNDS[act].tries && now - last >= BOUNDS[act].pauseMs

/** Whether an act may be done now: the first time, after a pause that grows, and no more than its bound. */
export function mayAct({ acts, head, now }: View, act: RepeatedAct, node: NodeName): boolean {
  const series = acts?.[seriesKey(act, node)]
  if (!series) return true
  // A new term is a new order to start; our own clock may have been set back since the last try.
  if (act === 'start' && series.term !== head?.term) return true
  if (Math.abs(now - series.last) < pauseOf(series)) return false
  return BOUNDS[act].goesOn || series.count < BOUNDS[act].tries
}

/** The starts of a node that took, although no block came of them, have used up their bound. */
export function isStartSpent({ acts, head, now }: View, node: NodeName): boolean {
  const series = acts?.[seriesKey('start', node)]
  return series !== undefined && series.term === head?.term && isSpent(series, now)
}

/**
 * Takes the acts away whose pause is not over or whose bound is reached, and tells of the latter: whatever is asked
 * of a node again and again without effect is a person's business.
 */
export function boundActs(view: View, wanted: readonly Command[]): { commands: Command[]; page: Reason[] } {
  const commands = wanted.filter((command) => !isRepeated(command) || mayAct(view, command.act, command.node))
  const page = wanted.filter(isRepeated).flatMap(({ act, node }) => {
    const series = view.acts?.[seriesKey(act, node)]
    return series && isSpent(series, view.now) ? [noEffect(series)] : []
  })
  return { commands, page }
}

/** What a series came to, for a page. */
export const noEffect = ({ act, node, count, first, last }: Series): Reason =>
  reason(act === 'top-up' ? 'takes-nothing' : 'no-effect', { act, tries: count, ms: last - first }, node)

/**
 * The series that go on after a look: one is over when its effect is seen, or the node has become another. A node that
 * does not answer tells neither.
 */
export function keepSeries(view: View): Series[] {
  return Object.values(view.acts ?? {}).filter((series) => !isOver(view, series))
}

function isOver({ head, observed, nodes }: View, { act, node, head: at, term, last, stood }: Series): boolean {
  if (!nodes.some(({ name }) => name === node)) return true
  const sample = observed[node]?.observation
  const consensus = sample?.consensus
  switch (act) {
    case 'start':
      // A commit since, under this term or a later one: it led, or another does.
      return head !== undefined && head.number > at && head.committedTerm === head.term && head.term >= term
    case 'stop':
      return consensus?.ok === true && !consensus.value.sequencing
    case 'reset-derivation':
      // A head that changed while its execution client stays short is no effect.
      return consensus?.ok === true && consensus.value.unsafe.hash !== stood && !(sample && isShort(sample))
    case 'top-up': {
      // One that was away has begun anew.
      const since = observed[node]?.consensus.since ?? last
      return consensus?.ok === true && (consensus.value.unsafe.hash !== stood || since > last)
    }
  }
}
