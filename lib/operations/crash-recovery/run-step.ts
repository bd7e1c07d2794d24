import type { NodeClient } from '../../chain/client.ts'
import { answer } from '../../chain/failure.ts'
import { type StepResult, type WatchedStep, watchStep } from '../../host/host.ts'
import { isSeenAway } from '../../protocol/observation.ts'
import { StepWithoutEffectError } from './errors.ts'
import type { Recovering } from './ports.ts'

/** Polling interval for a process. */
const LOOK_MS = 100
/** A started client answers within this time; reading its database may take a while. */
const UP_MS = 90_000
const DOWN_MS = 10_000

/**
 * Runs a prepared step on the node's machine and watches one of its processes meanwhile: an exit code proves nothing.
 * An interruption prevents the start but never cuts a step short: half a step leaves a stopped process, or a folder
 * without a chain. Each step has its own timeout.
 *
 * @throws HostStepUnknown | HostUnreachable
 * @throws the signal's reason when interrupted before the start.
 */
export async function runStep(
  { ports, node, signal }: Recovering,
  step: string,
  watched: () => Promise<unknown>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<WatchedStep> {
  const host = ports.host?.(node)
  if (!host) throw new Error(`${node} has no host`)
  signal.throwIfAborted()
  const stepped = await watchStep(
    () => host.run(step, parameters),
    async () => isDown(await answer(watched())),
    ports.clock,
  )
  ports.log.info('host step', { node, ...stepped })
  return stepped
}

const isDown = (look: Awaited<ReturnType<typeof answer>>) => !look.ok && isSeenAway(look.failure)

/** A cheap call to either of a node's processes. */
export const ask = {
  execution: (client: NodeClient) => () =>
    client.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
  consensus: (client: NodeClient) => () => client.request({ method: 'optimism_syncStatus' }),
} as const

/**
 * Waits until a process answers (`up`), or refuses connections (`down`).
 *
 * @throws StepWithoutEffectError when it does not in time.
 */
export async function untilProcess(
  { ports, node, signal }: Recovering,
  state: 'up' | 'down',
  watched: () => Promise<unknown>,
  step: Pick<StepResult, 'step' | 'exitCode'>,
): Promise<void> {
  const { clock } = ports
  const until = clock.monotonic() + (state === 'up' ? UP_MS : DOWN_MS)
  for (;;) {
    const look = await answer(watched())
    if (state === 'up' ? look.ok : isDown(look)) return
    if (clock.monotonic() >= until || signal.aborted) {
      const observed = look.ok ? 'its process still answers' : `its process does not answer (${look.message})`
      throw new StepWithoutEffectError(node, step.step, `ended with exit code ${step.exitCode ?? 'none'}`, observed)
    }
    await clock.sleep(LOOK_MS)
  }
}
