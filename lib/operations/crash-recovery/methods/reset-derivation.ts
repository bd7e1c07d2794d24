import { getBlockHash } from '../../../chain/block.ts'
import { StepWithoutEffectError } from '../errors.ts'
import type { Recovering } from '../ports.ts'

/** op-node goes back at once, as a rule; it asks its execution client first (ms). */
const BACK_MS = 10_000
const LOOK_MS = 200

/**
 * Has op-node start over from what its execution client has: as long as it believes in blocks that client lost, it
 * ignores whatever it is given below them. Needs no host.
 *
 * @throws StepWithoutEffectError when it still names a block its execution client does not have.
 */
export async function resetDerivation({ ports, node, signal }: Recovering): Promise<string> {
  const { clock } = ports
  const { execution } = ports.clients(node)
  const port = ports.port(node)
  await port.resetDerivation()
  const until = clock.monotonic() + BACK_MS
  for (;;) {
    const { number, hash } = await port.unsafe()
    if ((await getBlockHash(execution, number)) === hash) return `op-node went back to block ${number}`
    if (clock.monotonic() >= until || signal.aborted) {
      const observed = `op-node still names block ${number} ${hash}, which its execution client does not have`
      throw new StepWithoutEffectError(node, 'admin_resetDerivationPipeline', 'was answered', observed)
    }
    await clock.sleep(LOOK_MS, signal)
  }
}
