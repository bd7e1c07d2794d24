import type { Step } from './attempt.ts'
import type { Remedy } from './choose-remedy.ts'
import { type Damage, formatDamage } from './classify.ts'
import type { RecoveryPlan } from './recover.ts'
import type { Verified } from './verify.ts'

/** The result of a recovery. */
export type Recovered = {
  /** `sequences`: it began to sequence meanwhile, so it is well. */
  readonly outcome: 'recovered' | 'nothing-to-do' | 'sequences'
  readonly damage?: { readonly kind: Damage['kind']; readonly text: string } | undefined
  readonly verified?: Verified | undefined
  readonly steps: readonly Step[]
  readonly ms: number
}

const means: Readonly<Record<Remedy, string>> = {
  wait: 'wait for it to come back on its own',
  'reset-derivation': 'have its op-node start over from what its execution client has',
  fill: 'give it the committed blocks it lacks',
  'restart-consensus': 'restart its op-node',
  'restart-execution': 'restart its execution client',
  'cut-tail': 'remove the stored blocks whose state is lost, and restart',
  'restore-execution': 'put a snapshot in place of its chain data by your own command, and refill it from there',
  'empty-execution': 'move its chain data aside and refill it from its genesis',
}

/** The plan of a recovery: the damage, the remedies, and what prevents each. */
export function renderRecoveryPlan({ damage, remedies: rungs }: RecoveryPlan): string {
  const found = `found: ${formatDamage(damage)}`
  if (rungs.length === 0) return `${found}\n${damage.kind === 'none' ? 'nothing to do' : 'a person must decide'}`
  const lines = rungs.map(({ method, obstacle }, i) => {
    const not = obstacle === undefined ? '' : ` (cannot: ${obstacle})`
    return `  ${i + 1}. ${method}: ${means[method]}${not}`
  })
  return [found, 'would try, each only if those before it did not help:', ...lines].join('\n')
}

/** The start of an attempt. */
export function renderRemedy(method: Remedy, damage: Damage): string {
  return `found: ${formatDamage(damage)}\n${method}: ${means[method]} …`
}

/** The result of a recovery. */
export function renderRecovered({ outcome, damage, steps, verified, ms }: Recovered): string {
  if (outcome === 'sequences' || !damage) return 'it sequences again: nothing more is done to it'
  if (outcome === 'nothing-to-do' || !verified) return `nothing to do: it is ${damage.text}`
  const { at, compared, canary } = verified
  return [
    ...steps.map((step) => `${step.method}: ${step.outcome} (${(step.ms / 1_000).toFixed(1)} s)`),
    `recovered in ${(ms / 1_000).toFixed(1)} s: block ${at.number} ${at.hash}`,
    `verified: ${compared} hashes compared, state read, ${canary}`,
  ].join('\n')
}
