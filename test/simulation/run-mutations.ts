import { runBatch } from './batch.ts'
import type { Invariant } from './journal.ts'
import { MUTATIONS, type Mutation } from './mutations.ts'

/** How a mutation ended: killed by a violated invariant, or alive after so many histories. */
export type MutationResult = {
  readonly mutation: Mutation
  readonly killed?: { readonly invariant: Invariant; readonly seed: number; readonly message: string }
  readonly histories: number
  /** Killed, or alive and explained as equivalent. */
  readonly asExpected: boolean
}

/** Equivalent mutations are looked at this long. */
const EQUIVALENT_HISTORIES = 300

/** What is to be run: each mutation until it is killed, for so many histories at most. */
export type MutationRun = {
  readonly mutations?: readonly Mutation[]
  readonly histories: number
  readonly workers: number
  readonly print?: (text: string) => void
}

/** Runs mutations side by side; returns what became of them, in their order. */
export async function runMutations(run: MutationRun): Promise<MutationResult[]> {
  const { mutations = MUTATIONS, histories, workers, print = () => {} } = run
  const results: MutationResult[] = []
  const waiting = [...mutations]
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const result = await runMutation(next, histories)
      results.push(result)
      print(lineOf(result))
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return mutations.flatMap((mutation) => results.find((result) => result.mutation === mutation) ?? [])
}

async function runMutation(mutation: Mutation, most: number): Promise<MutationResult> {
  const { name, equivalent } = mutation
  const histories = equivalent ? Math.min(most, EQUIVALENT_HISTORIES) : most
  const summary = await runBatch({ from: 1, histories, workers: 1, mutation: name, untilViolated: true })
  const [failure] = summary.failures
  return {
    mutation,
    histories: summary.histories,
    asExpected: (failure !== undefined) === (equivalent === undefined),
    ...(failure && {
      killed: { seed: failure.seed, invariant: failure.violation.invariant, message: failure.violation.message },
    }),
  }
}

function lineOf({ mutation, killed, histories, asExpected }: MutationResult): string {
  const fate = killed ? `killed by ${killed.invariant}` : mutation.equivalent ? 'equivalent' : 'ALIVE'
  return `${asExpected ? ' ' : '!'} ${mutation.name.padEnd(58)} ${fate.padEnd(20)} ${String(histories).padStart(5)}  ${killed?.message.slice(0, 90) ?? mutation.equivalent ?? ''}`
}

/** The table: mutation, what killed it, after how many histories. */
export function printMutations(results: readonly MutationResult[]): string {
  const killed = results.filter((result) => result.killed)
  const most = Math.max(0, ...killed.map(({ histories }) => histories))
  const unexpected = results.filter(({ asExpected }) => !asExpected)
  return [
    '',
    ...results.map(lineOf),
    '',
    `${results.length} mutations: ${killed.length} killed (the last after ${most} histories), ${results.length - killed.length} alive, ${unexpected.length} not as expected`,
  ].join('\n')
}
