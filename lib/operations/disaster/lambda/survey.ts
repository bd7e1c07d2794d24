import type { ChainPorts } from '../../../context/ports.ts'
import { RefusedActError } from '../../../operator/errors.ts'
import { InvalidInputError } from '../../engine/errors.ts'
import { confirmLeaving } from '../leave.ts'
import { confirmOverride } from '../override.ts'
import { confirmPlacing } from '../place-head.ts'
import { type DisasterAct, planDisaster } from '../procedure.ts'
import { confirmReturn } from '../return.ts'
import { actOf, asker, type StepInput } from './input.ts'

/** What is left of a chain, and whether the hash given is the block the act is about. */
export type Surveyed = {
  readonly outcome: 'confirmed' | 'refused'
  /** The vote, what the act would do, and why it would be refused. */
  readonly told: string
}

/**
 * Looks what is left of the chain, and whether the act is confirmed; changes nothing.
 *
 * @throws StoreUnavailableError
 */
export async function survey(ports: ChainPorts, input: StepInput): Promise<Surveyed> {
  const { words } = await planDisaster(ports, input.kind)
  try {
    await confirm(ports, actOf(input), asker(input))
    return { outcome: 'confirmed', told: words }
  } catch (error) {
    if (!(error instanceof RefusedActError || error instanceof InvalidInputError)) throw error
    return { outcome: 'refused', told: `would be refused: ${error.message}\n${words}` }
  }
}

async function confirm(ports: ChainPorts, asked: DisasterAct, by: string): Promise<unknown> {
  switch (asked.act) {
    case 're-seed':
      return await confirmPlacing(ports, { ...asked, by })
    case 'cold-start':
      return await confirmPlacing(ports, { ...asked, by })
    case 'override':
      return await confirmOverride(ports, { ...asked, by })
    case 'return':
      return await confirmReturn(ports, asked)
    case 'to-op-conductor':
      return await confirmLeaving(ports, asked.hash)
  }
}
