import type { HistoryRecord } from '../../protocol/records.ts'
import type { Acknowledged, Stage, StageOptions } from './stage.ts'

/** A public outage, as far as its owners published it. */
export type Outage = {
  /** When it began, as far as known: `2025-08-05`, or less exact. */
  readonly date: string
  readonly chain: string
  /** Its duration, as text. */
  readonly lasted: string
  /** What happened. */
  readonly happened: string
  /** The source of the report. */
  readonly source: string
}

/** Reports whether a required condition holds, and what was observed. */
export type Check = (must: string, holds: boolean, seen?: unknown) => void

/** One outage as a game day: the same cause on a simulated chain, with Baton in charge. */
export type Drill = {
  /** A letter for the kind of cause and a number: A hand-over, B L1, C batches, D bad blocks, E control and load. */
  readonly id: string
  /** Its name on the command line. */
  readonly name: string
  readonly outage: Outage
  readonly given: string
  readonly when: string
  /** The required outcome. */
  readonly must: string
  readonly stage?: StageOptions
  /** The part of the outage that Baton can neither see nor do anything about, if any. */
  readonly beyond?: string
  /** Causes the fault and checks its outcome by observation. */
  readonly play: (stage: Stage, check: Check) => Promise<void>
}

/**
 * What must hold in every drill, whatever its cause: the design's invariants, as far as they are visible from outside.
 */
export function checkRules(stage: Stage, history: readonly HistoryRecord[], check: Check): void {
  const { acknowledged, chain, trouble } = stage
  const backward = history.filter(({ what }) => what === 'follow-l1' || what === 'place-head')
  const moved = ([a, b]: Pair) => backward.some(({ at, head }) => at >= a.at && at <= b.at && head + 1n === b.number)
  const replaced = pairs(acknowledged).find((pair) => pair[1].number <= pair[0].number && !same(pair) && !moved(pair))
  check('no acknowledged block is replaced', replaced === undefined, replaced && `block ${replaced[1].number}`)
  const unlinked = pairs(acknowledged).find(
    (pair) => pair[1].parentHash !== pair[0].hash && !same(pair) && !moved(pair),
  )
  check('committed blocks are linked', unlinked === undefined, unlinked && `block ${unlinked[1].number}`)
  const back = pairs(acknowledged).find(([a, b]) => b.term < a.term || (b.term === a.term && b.node !== a.node))
  check('one node commits in a term, and terms only grow', back === undefined, back && `term ${back[1].term}`)

  // Blocks that L1 replaced are exempt.
  const since = backward.at(-1)?.at ?? 0
  const hashes = new Map(acknowledged.flatMap(({ number, hash, at }) => (at >= since ? [[number, hash]] : [])))
  const strangers = [...chain.canonical()].flatMap(([node, blocks]) => {
    const other = blocks.find(({ number, hash }) => (hashes.get(number) ?? hash) !== hash)
    return other && !trouble.outlaws.has(node) ? [`${node} at block ${other.number}`] : []
  })
  check('no node shows another block at a committed height', strangers.length === 0, strangers.join())
}

type Pair = readonly [Acknowledged, Acknowledged]

const same = ([a, b]: Pair) => a.hash === b.hash

function pairs(list: readonly Acknowledged[]): Pair[] {
  return list.slice(1).map((each, i) => [list[i] ?? each, each])
}
