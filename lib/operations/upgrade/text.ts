import { printable } from '../../protocol/printable.ts'
import type { UpgradeOrder, UpgradeStep } from './order.ts'
import type { UpgradePreview } from './preview.ts'

/** A step of a rolling upgrade. */
export function renderUpgradeStep(step: UpgradeStep, to: string): string {
  return step.step === 'upgrade' ? `upgrade ${step.node} to ${to}` : `move sequencing from ${step.from} to ${step.to}`
}

/** The plan of a rolling upgrade: its steps, its checks, and what blocks it. */
export function renderUpgradePlan(
  { steps, obstacles, warnings, nodes }: UpgradePreview,
  { to, expect }: UpgradeOrder,
): string {
  const checks = `out of eligibility first; then fit, at the head${expect === undefined ? '' : ` and "${expect}"`} in three observations in a row; then released`
  return [
    ...nodes.map(
      ({ node, versions, done }) =>
        `${node}: ${printable(versions.join(', ')) || 'reports no version'}${done ? ' (done)' : ''}`,
    ),
    ...steps.map(
      (step, i) => `${i + 1}. ${renderUpgradeStep(step, to)}${step.step === 'upgrade' ? ` (${checks})` : ''}`,
    ),
    ...(steps.length === 0 ? ['nothing left to do'] : []),
    ...warnings.map((what) => `warning: ${printable(what)}`),
    ...obstacles.map((why) => `would not begin: ${printable(why)}`),
  ].join('\n')
}
