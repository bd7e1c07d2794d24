import type { Plan } from './operate.ts'

/** The plan of a re-sequencing: the facts, the steps with their checks, and how to confirm. */
export function renderPlan({ request, outlook, steps }: Plan): string {
  const { keep } = request
  const { version, tip, l1, needsRollback } = outlook
  const facts = [
    `sequencer      ${version}`,
    `newest batch   ${tip}`,
    `kept batch     ${keep.batch}, its last block ${keep.hash}`,
    `on L1          sequenced ${l1.sequenced}, verified ${l1.verified}${needsRollback ? ' — L1 must be rolled back' : ''}`,
  ]
  const lines = steps.flatMap(({ name, does, checks }, i) => [
    `${String(i + 1).padStart(2)} ${name}: ${does}`,
    ...checks.map((check) => `     checked: ${check}`),
  ])
  const confirm = `Nothing was changed. To do it, add: --confirm ${keep.batch}:${keep.hash}`
  return [...facts, '', ...lines, '', confirm].join('\n')
}
