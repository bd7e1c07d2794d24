import { StepWithoutEffectError } from '../errors.ts'
import type { Recovering } from '../ports.ts'
import { ask, runStep, untilProcess } from './run-step.ts'

/**
 * Restarts one of a node's processes through its machine and waits until it answers again.
 *
 * @throws StepWithoutEffectError when it did not come back, or never went away.
 */
export async function restart(recovering: Recovering, which: 'execution' | 'consensus'): Promise<string> {
  const { ports, node } = recovering
  const watched = ask[which](ports.clients(node)[which])
  const wasUp = await watched().then(
    () => true,
    () => false,
  )
  const stepped = await runStep(recovering, `restart-${which}`, watched)
  await untilProcess(recovering, 'up', watched, stepped)
  if (wasUp && !stepped.wentDown) {
    const claimed = `ended with exit code ${stepped.exitCode ?? 'none'}`
    throw new StepWithoutEffectError(
      node,
      stepped.step,
      claimed,
      'the process answered all the time: it was not restarted',
    )
  }
  return 'it went away and answers again'
}

/** Stops op-node, which must not move the forkchoice while something else does; without a host it stays. */
export async function withoutConsensus<T>(recovering: Recovering, act: () => Promise<T>): Promise<T> {
  const { ports, node } = recovering
  if (!ports.host?.(node)) return await act()
  const watched = ask.consensus(ports.clients(node).consensus)
  await untilProcess(recovering, 'down', watched, await runStep(recovering, 'stop-consensus', watched))
  try {
    return await act()
  } finally {
    await untilProcess(recovering, 'up', watched, await runStep(recovering, 'start-consensus', watched))
  }
}
