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

/**
 * Stops one of a node's processes, which must not touch what something else works on, and starts it again
 * however that ends, an interruption included. Without a host it stays.
 *
 * @throws StepWithoutEffectError when it did not go away, or did not come back.
 * @throws the signal's reason when it was interrupted before anything was done.
 */
export async function without<T>(
  recovering: Recovering,
  which: 'execution' | 'consensus',
  act: () => Promise<T>,
): Promise<T> {
  const { ports, node, signal } = recovering
  if (!ports.host?.(node)) return await act()
  signal.throwIfAborted()
  const watched = ask[which](ports.clients(node)[which])
  // Of its own signal: a stop is seen to its end, or the start would be overtaken by it. Both have their time-outs.
  const steady = { ...recovering, signal: new AbortController().signal }
  const turn = async (verb: 'stop' | 'start') =>
    untilProcess(steady, verb === 'stop' ? 'down' : 'up', watched, await runStep(steady, `${verb}-${which}`, watched))
  try {
    await turn('stop')
    signal.throwIfAborted()
    return await act()
  } finally {
    await turn('start')
  }
}
