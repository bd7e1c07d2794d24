import { afterEach, beforeEach } from 'vitest'
import type { Head } from '../../lib/protocol/records.ts'
import { type Stage, setStage } from '../monitor/stage.ts'

/** A chain that ada leads, with a monitor. */
export async function running(): Promise<Stage & { readonly killMonitor: () => Promise<void> }> {
  const stage = await setStage()
  const { kill } = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('some blocks', () => stage.committed.length > 3)
  return Object.assign(stage, { killMonitor: kill })
}

/** A chain that stands: ada holds the head and is stopped, the others have its block, and no monitor runs. */
export async function standing(): Promise<Stage> {
  const stage = await running()
  await stage.killMonitor()
  await stop(stage, ['bob', 'cyd'])
  return stage
}

/** Each test of a file has such a chain, and closes it. */
export function eachStanding(take: (stage: Stage) => void): void {
  let stage: Stage
  beforeEach(async () => {
    stage = await standing()
    take(stage)
  })
  afterEach(() => stage.close())
}

/** Stops ada at the head, and waits until these have its block. */
export async function stop({ ports, until }: Stage, followers: readonly string[]): Promise<void> {
  await ports.port('ada').stop()
  for (const name of ['ada', ...followers])
    await until(`${name} has the head`, async () => {
      const head = await ports.heads.read('901')
      return (await ports.port(name).unsafe()).hash === head?.hash
    })
}

/** The head, which there must be. */
export async function headOf({ ports }: Stage): Promise<Head> {
  const head = await ports.heads.read('901')
  if (!head) throw new Error('the chain has no head')
  return head
}
