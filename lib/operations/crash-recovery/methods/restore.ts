import { getBlock } from '../../../chain/block.ts'
import { stampOf } from '../../../host/step.ts'
import type { Head } from '../../../protocol/records.ts'
import { StepWithoutEffectError } from '../errors.ts'
import type { Recovering } from '../ports.ts'
import { proveCopies } from '../prove-copies.ts'
import { without } from './restart.ts'
import { ask, runStep } from './run-step.ts'

/** What L1 may not have yet is proved to be somewhere else: so many of the newest blocks. */
const NEWEST = 600n

/**
 * Puts a snapshot in place of the client's chain data, by a program of the machine's owner: for a database that is
 * beyond repair, of a chain too long to be refilled from its genesis. What the snapshot lacks comes from others.
 *
 * @throws TooDangerousError when nobody else has the newest blocks.
 * @throws StepWithoutEffectError when the client has nothing but its genesis afterwards.
 */
export async function restoreExecution(recovering: Recovering, head: Head): Promise<string> {
  const { ports, node } = recovering
  await proveCopies(recovering, 'restore-execution', head, head.number > NEWEST ? head.number - NEWEST : 1n)
  const { execution } = ports.clients(node)
  const watched = ask.execution(execution)
  const stamp = stampOf(ports.clock.now())
  return await without(recovering, 'consensus', async () => {
    const restored = await without(recovering, 'execution', () =>
      runStep(recovering, 'restore-execution', watched, { stamp }),
    )
    const latest = await getBlock(execution, { tag: 'latest' })
    if (!latest || latest.number === 0n) {
      const claimed = `ended with exit code ${restored.exitCode ?? 'none'}`
      throw new StepWithoutEffectError(node, restored.step, claimed, `its newest block is ${latest?.number ?? 'none'}`)
    }
    return `begins at block ${latest.number} ${latest.hash} of the snapshot`
  })
}
