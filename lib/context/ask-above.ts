import { above } from '../protocol/ahead.ts'
import type { View } from '../protocol/decision.ts'
import { paceOf } from '../protocol/policy.ts'
import type { ChainPorts } from './ports.ts'

/**
 * One node alone names a block above the committed head: it is asked to show it. Its number by itself must not keep
 * the others from taking over, and a block that is there must not be replaced. As bounded as a look.
 */
export async function askAbove({ port, clock, policy }: ChainPorts, view: View): Promise<View['shown']> {
  const [only, ...others] = above(view)
  const { head } = view
  if (!only || !head || others.length > 0) return undefined
  const asked = port(only.node).showsAbove?.(only.block, head)
  if (!asked) return undefined
  const how = await Promise.race([asked, clock.sleep(paceOf(policy).probeMs)])
  return { node: only.node, hash: only.block.hash, how: how ?? 'unknown' }
}
