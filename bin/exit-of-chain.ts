import type { Decision } from '../lib/protocol/decision.ts'
import { exitCodes } from './exit-codes.ts'

/** How a command that shows a chain ends: by how the chain is. */
export function exitOfChain({ condition }: Decision): number {
  return condition === 'halted' || condition === 'degraded' ? exitCodes.unwell.code : exitCodes.ok.code
}
