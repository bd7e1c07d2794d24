import { getBlock } from '../../../chain/block.ts'
import { stampOf } from '../../../host/step.ts'
import type { Head } from '../../../protocol/records.ts'
import { StepWithoutEffectError, TooDangerousError } from '../errors.ts'
import type { Recovering } from '../ports.ts'
import { proveCopies } from '../prove-copies.ts'
import { without } from './restart.ts'
import { ask, runStep } from './run-step.ts'

/** Above this a snapshot, or the client's own sync from a peer, is faster than payloads one by one. */
const MOST_REFILLED = 200_000n

/**
 * Moves the client's chain data aside and has it begin at genesis: for a database that is beyond
 * repair, or gone. Nothing is deleted; what it had is given to it again by others.
 *
 * @throws TooDangerousError when nobody else has the whole chain.
 * @throws StepWithoutEffectError when it does not stand at genesis afterwards.
 */
export async function emptyExecution(recovering: Recovering, head: Head): Promise<string> {
  const { ports, node } = recovering
  if (head.number > MOST_REFILLED) {
    throw new TooDangerousError(node, 'empty-execution', `a chain of ${head.number} blocks is not refilled one by one`)
  }
  await proveCopies(recovering, 'empty-execution', head, 1n)
  const { execution } = ports.clients(node)
  const watched = ask.execution(execution)
  const stamp = stampOf(ports.clock.now())
  return await without(recovering, 'consensus', async () => {
    const emptied = await without(recovering, 'execution', () =>
      runStep(recovering, 'empty-execution', watched, { stamp }),
    )
    const latest = await getBlock(execution, { tag: 'latest' })
    if (latest?.number !== 0n) {
      const observed = `its newest block is ${latest?.number ?? 'none'}, not genesis`
      throw new StepWithoutEffectError(
        node,
        emptied.step,
        `ended with exit code ${emptied.exitCode ?? 'none'}`,
        observed,
      )
    }
    return `begins at genesis ${latest.hash}; what it had is kept with the suffix ${stamp}`
  })
}
