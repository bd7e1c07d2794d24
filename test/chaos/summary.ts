import Table from 'cli-table3'
import { missedSlots } from '../real/devnet/observe.ts'

/** What became of one round. */
export type Round = {
  readonly round: number
  readonly faults: readonly string[]
  /** The longest time between two acknowledged blocks from the first fault to health (s). */
  readonly gapS: number
  /** From the last mending until the chain had a leader and two standbys at its head (s). */
  readonly healthyS: number
  readonly problems: readonly string[]
}

/** The rounds as people read them: gaps in all and by kind of fault, and everything that went wrong. */
export function summarize(rounds: readonly Round[], blockTime: number): string {
  const head = ['fault', 'rounds', 'slots missed p50', 'p90', 'max', 'healthy again p50 s', 'max s']
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
  })
  const kinds = [...new Set(rounds.flatMap((round) => (round.faults.length === 1 ? [kindOf(round)] : [])))].sort()
  for (const kind of kinds)
    table.push(
      row(
        kind,
        rounds.filter((round) => round.faults.length === 1 && kindOf(round) === kind),
      ),
    )
  const several = rounds.filter(({ faults }) => faults.length > 1)
  if (several.length > 0) table.push(row('several at once', several))
  table.push(row('all', rounds))
  const counts = new Map<number, number>()
  for (const { gapS } of rounds) {
    const slots = missedSlots(gapS, blockTime)
    counts.set(slots, (counts.get(slots) ?? 0) + 1)
  }
  const spread = [...counts].sort(([a], [b]) => a - b).map(([slots, count]) => `${slots}: ${count}`)
  const wrong = rounds.filter(({ problems }) => problems.length > 0)
  return [
    table.toString(),
    `slots missed in a row: rounds  ${spread.join('  ')}`,
    `${rounds.length} rounds, ${wrong.length} with something wrong`,
    ...wrong.map(({ round, faults, problems }) => `round ${round} (${faults.join(', ')}): ${problems.join('; ')}`),
  ].join('\n')

  function row(name: string, of: readonly Round[]): string[] {
    const slots = of.map(({ gapS }) => missedSlots(gapS, blockTime)).sort((a, b) => a - b)
    const health = of.map(({ healthyS }) => healthyS).sort((a, b) => a - b)
    const at = (list: readonly number[], share: number) =>
      list[Math.min(list.length - 1, Math.floor(share * list.length))] ?? 0
    return [
      name,
      String(of.length),
      String(at(slots, 0.5)),
      String(at(slots, 0.9)),
      String(at(slots, 1)),
      at(health, 0.5).toFixed(1),
      at(health, 1).toFixed(1),
    ]
  }
}

const kindOf = ({ faults }: Round) => faults[0]?.replace(/ \(.*/, '') ?? ''
