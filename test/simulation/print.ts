import type { Summary } from './batch.ts'
import type { Outcome } from './history.ts'
import type { Violation } from './journal.ts'
import { NO_NOISE } from './plan.ts'

/** A history as text: its plan, and what happened when, to whom. */
export function printHistory({ plan, lines, violation, ms, digest }: Outcome): string {
  const { faults, noise, ...cast } = plan
  const loud = Object.entries(noise).filter(([, value]) => value > 0)
  return [
    `seed ${plan.seed}: ${JSON.stringify(cast)}`,
    `noise: ${noise === NO_NOISE || loud.length === 0 ? 'none' : loud.map(([name, value]) => `${name} ${value.toFixed(4)}`).join(', ')}`,
    ...faults.map((fault) => `fault: ${JSON.stringify(fault)}`),
    '',
    ...lines.map(({ at, actor, what }) => `${String(at).padStart(6)} ms  ${actor.padEnd(10)} ${what}`),
    '',
    violation
      ? `invariant ${violation.invariant} is broken at ${violation.at} ms: ${violation.message}`
      : `no violation in ${ms} ms (digest ${digest.toString(16)})`,
  ].join('\n')
}

/** One line for a history that must not be. */
export const printFailure = (seed: number, { invariant, message, at }: Violation) =>
  `seed ${seed}: invariant ${invariant} at ${at} ms: ${message}`

/** One line of progress. What a history costs is given in CPU time, too: others may use the machine. */
export function printProgress({ histories, events, failures, startedAt, cpuAt }: Summary): string {
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(cpuAt)
  const rate = `${Math.round(histories / seconds)}/s, ${((user + system) / 1000 / histories).toFixed(1)} ms of CPU each`
  return `${histories} histories, ${rate}, ${events} events, ${failures.length} violations`
}

/** What a run came to. */
export function printSummary(summary: Summary, missing: readonly string[]): string {
  const reached = [...summary.reached].sort((a, b) => b[1] - a[1])
  return [
    ...reached.map(([state, count]) => `${String(count).padStart(9)}  ${state}`),
    '',
    printProgress(summary),
    ...summary.failures.slice(0, 20).map(({ seed, violation }) => printFailure(seed, violation)),
    ...missing.map((state) => `never reached: ${state}`),
  ].join('\n')
}
