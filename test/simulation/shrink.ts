import { type Outcome, runHistory } from './history.ts'
import { NO_NOISE, type Plan } from './plan.ts'

/**
 * The smallest plan, found by leaving things out one after the other, that still breaks the same
 * invariant.
 */
export async function shrink(failed: Outcome): Promise<Outcome> {
  let smallest = failed
  for (let shrunk = true; shrunk; ) {
    shrunk = false
    for (const plan of simpler(smallest.plan)) {
      const outcome = await runHistory(plan)
      if (outcome.violation?.invariant !== failed.violation?.invariant) continue
      smallest = outcome
      shrunk = true
      break
    }
  }
  return runHistory(smallest.plan, { keepLines: true })
}

function* simpler(plan: Plan): Generator<Plan> {
  const { faults } = plan
  if (faults.length > 3) {
    const half = Math.floor(faults.length / 2)
    yield { ...plan, faults: faults.slice(0, half) }
    yield { ...plan, faults: faults.slice(half) }
  }
  for (let i = 0; i < faults.length; i++) yield { ...plan, faults: faults.toSpliced(i, 1) }
  if (plan.noise !== NO_NOISE) yield { ...plan, noise: NO_NOISE }
  for (const [name, value] of Object.entries(plan.noise)) {
    if (value > 0) yield { ...plan, noise: { ...plan.noise, [name]: 0 } }
  }
  if (plan.lost.length > 0) yield { ...plan, lost: [] }
  if (plan.ending !== 'grown') yield { ...plan, ending: 'grown' }
  if (plan.rivals) yield { ...plan, rivals: false }
  if (plan.asksGate) yield { ...plan, asksGate: false }
  if (plan.looksEvery > 1) yield { ...plan, looksEvery: 1 }
  if (plan.monitors.length > 1) yield { ...plan, rivals: false, monitors: plan.monitors.slice(0, 1) }
  if (plan.gates.length > 1) yield { ...plan, gates: plan.gates.slice(0, 1) }
  for (const node of plan.nodes.length > 2 ? plan.nodes : []) {
    const nodes = plan.nodes.filter((name) => name !== node)
    const lost = plan.lost.filter((name) => name !== node)
    if (lost.length < nodes.length) yield { ...plan, nodes, lost }
  }
  for (const share of [0.5, 0.8]) {
    const healAt = Math.round(plan.healAt * share)
    if (healAt > 1_000) yield { ...plan, healAt }
  }
}
