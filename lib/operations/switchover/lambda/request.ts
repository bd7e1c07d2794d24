import type { ChainPorts } from '../../../context/ports.ts'
import { RefusedActError } from '../../../operator/errors.ts'
import { switchoverOnce } from '../../../operator/switchover-once.ts'
import type { AskedSwitchover } from '../../../protocol/outcome.ts'
import { asker, type StepInput } from './input.ts'

/**
 * Asks for the switchover. Again is harmless.
 *
 * @throws RefusedActError when another one is pending, the node is unknown, or it holds already.
 */
export async function request(ports: ChainPorts, input: StepInput): Promise<AskedSwitchover> {
  if (input.dryRun) throw new RefusedActError('a dry run asks for nothing', 'end it after the step "check"')
  const by = asker(input)
  const { to, owner: id = ports.suffix() } = input
  return await switchoverOnce(ports, { by, id, ...(to !== undefined && { to }) })
}
