import { expect } from 'vitest'
import { chainProblems } from './chain-problems.ts'
import type { Rig } from './rig.ts'

/** What must hold after everything, see {@link chainProblems}. */
export async function checkChain(rig: Rig): Promise<void> {
  expect(await chainProblems(rig)).toEqual([])
}
