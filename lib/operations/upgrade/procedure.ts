import type { ChainPorts } from '../../context/ports.ts'
import { printable } from '../../protocol/printable.ts'
import type { Told, Watching } from '../engine/procedure.ts'
import type { UpgradeOrder, UpgradeStep } from './order.ts'
import { previewUpgrade, upgrade } from './run.ts'
import { renderUpgradePlan, renderUpgradeStep } from './text.ts'

/** What is asked for; who asks comes with the run. */
export type UpgradeRequest = Omit<UpgradeOrder, 'by'>

/** The plan of a rolling upgrade, with what would be checked. Throws as `previewUpgrade`. */
export async function planUpgrade(ports: ChainPorts, request: UpgradeRequest): Promise<Told> {
  const order = { ...request, by: 'plan' }
  const preview = await previewUpgrade(ports, order)
  return { value: preview, words: renderUpgradePlan(preview, order), held: preview.obstacles.length > 0 }
}

/** A rolling upgrade, told step by step. Throws as `upgrade`. */
export async function runUpgrade(
  ports: ChainPorts,
  request: UpgradeRequest,
  { by, signal, say, steps: tell }: Watching,
): Promise<Told> {
  const { warnings } = await previewUpgrade(ports, { ...request, by })
  for (const what of warnings) say(`warning: ${printable(what)}`)
  const taken: UpgradeStep[] = []
  const label = (step: UpgradeStep) => renderUpgradeStep(step, request.to)
  const steps = await upgrade(
    ports,
    { ...request, by },
    {
      signal,
      onStep(step, left) {
        say(`${label(step)} …`)
        tell([
          ...taken.map((each) => ({ label: label(each), state: 'done' as const })),
          { label: label(step), state: 'under way' },
          ...left.map((each) => ({ label: label(each), state: 'left' as const })),
        ])
        taken.push(step)
      },
    },
  )
  tell(steps.map((each) => ({ label: label(each), state: 'done' })))
  return { value: { to: request.to, steps }, words: `every node is upgraded to ${request.to}` }
}
