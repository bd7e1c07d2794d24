import type { Head, Lease } from '../../lib/protocol/records.ts'
import { applied, type Condition } from '../../lib/protocol/write.ts'
import { judgeHeadWrite, judgeLeaseWrite, type Violation } from './invariants.ts'
import { type Kind, type Move, movesOf } from './moves.ts'
import { type Bounds, encode, firstWorld, keyOfHead, keyOfLease, type World, withRead } from './world.ts'

/** One kind of write with a weaker condition than the real one. */
export type Without = { readonly kind: Kind; readonly weaken: (when: Condition) => Condition }

export type Options = {
  readonly bounds: Bounds
  readonly without?: Without
  /** Called each so many states, to show that it goes on. */
  readonly progress?: (states: number, depth: number) => void
  /** States after which the search gives up; absent = never. */
  readonly most?: number
}

/** What a search came to. */
export type Explored = {
  readonly states: number
  readonly writes: number
  readonly depth: number
  readonly exhausted: boolean
  readonly violation?: { readonly what: string; readonly trace: readonly string[] }
}

const PROGRESS = 20_000

type Frame = { readonly world: World; readonly line: string; readonly before: Frame | undefined }

/** Breadth first, so that the trace of a violation is the shortest one. */
export function explore({ bounds, without, progress, most = Number.POSITIVE_INFINITY }: Options): Explored {
  const every = without !== undefined
  const first = withRead(firstWorld(), every)
  const seen = new Set([encode(first)])
  let level: Frame[] = [{ world: first, line: 'seeded', before: undefined }]
  let [depth, writes] = [0, 0]
  while (level.length > 0) {
    const next: Frame[] = []
    for (const frame of level) {
      for (const move of movesOf(frame.world, bounds)) {
        const step = apply(frame.world, without ? weaken(move, without) : move)
        if (!step) continue
        writes++
        if (step.violation !== undefined) {
          const trace = [...linesOf(frame), step.line]
          return {
            states: seen.size,
            writes,
            depth: depth + 1,
            exhausted: false,
            violation: { what: step.violation, trace },
          }
        }
        const world = withRead(step.world, every)
        const code = encode(world)
        if (seen.has(code)) continue
        seen.add(code)
        if (seen.size >= most) return { states: seen.size, writes, depth, exhausted: false }
        if (seen.size % PROGRESS === 0) progress?.(seen.size, depth + 1)
        next.push({ world, line: step.line, before: frame })
      }
    }
    level = next
    if (next.length > 0) depth++
  }
  return { states: seen.size, writes, depth, exhausted: true }
}

function linesOf(frame: Frame | undefined): string[] {
  return frame ? [...linesOf(frame.before), frame.line] : []
}

function weaken(move: Move, { kind, weaken }: Without): Move {
  return move.kind === kind ? ({ ...move, write: { ...move.write, when: weaken(move.write.when) } } as Move) : move
}

type Step = { readonly world: World; readonly line: string; readonly violation: Violation }

/** The world after a write; `undefined` = it did not apply, or changed nothing. */
function apply(world: World, move: Move): Step | undefined {
  if (move.on === 'head') {
    const head = applied(move.write, world.head)
    if (!head) return undefined
    const violation = judgeHeadWrite(world, move, head)
    // Written once more as it was: a late repetition.
    if (violation === undefined && keyOfHead(head) === keyOfHead(world.head)) return undefined
    const line = `${move.who}: ${move.kind} → block ${head.number} ${head.hash}, ${head.holder || 'no node'} in term ${head.term}`
    return { line, violation, world: afterHead(world, move, head) }
  }
  const lease = applied(move.write, world.lease)
  if (!lease) return undefined
  const violation = judgeLeaseWrite(world, move, lease)
  if (violation === undefined && keyOfLease(lease) === keyOfLease(world.lease)) return undefined
  const line = `${move.who}: ${move.kind}${move.from ? ` by what was read in term ${move.from.lease.term}` : ''} → lease of ${lease.holder || 'no node'}, term ${lease.term}, ${lease.orders} orders`
  return { line, violation, world: afterLease(world, move, lease) }
}

function afterHead(world: World, { kind, block, node }: Extract<Move, { on: 'head' }>, written: Head): World {
  const head = kind === 'moveHead' ? { ...written, payloadRef: written.hash } : written
  if (kind === 'closeAt') return { ...world, head, closed: Math.max(world.closed, head.term) }
  if (kind === 'moveHead')
    return {
      ...world,
      head,
      acknowledged: world.acknowledged.slice(0, Number(head.number) + 1),
      closed: Math.max(world.closed, head.term),
    }
  if (kind !== 'commit' || !block || node === undefined) return { ...world, head }
  const { number, hash, parentHash } = block
  const blocks = world.blocks.some((each) => each.hash === hash)
    ? world.blocks
    : [...world.blocks, { number, hash, parentHash }]
  return {
    ...world,
    head,
    blocks,
    acknowledged: [...world.acknowledged.slice(0, Number(number)), hash],
    committed: { ...world.committed, [head.term]: node },
  }
}

function afterLease(world: World, { kind }: Extract<Move, { on: 'lease' }>, lease: Lease): World {
  switch (kind) {
    case 'grant':
    case 'automatic grant':
    case 'soft grant':
      return { ...world, lease, grants: world.grants + 1, granted: { ...world.granted, [lease.term]: lease.holder } }
    case 'renew':
      return { ...world, lease, renewals: world.renewals + 1 }
    case 'setMode':
    case 'requestSwitchover':
    case 'dropSwitchover':
    case 'quarantine':
      return { ...world, lease, orders: world.orders + 1 }
    default:
      return { ...world, lease }
  }
}
