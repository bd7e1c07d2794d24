import { createNodeClient } from '../../lib/chain/client.ts'
import type { BackfillPorts } from '../../lib/operations/backfill/ports.ts'
import { changeQuarantine } from '../../lib/operator/quarantine.ts'
import { UNDER_WAY } from '../../lib/protocol/quarantine.ts'
import type { Quarantine } from '../../lib/protocol/records.ts'
import { type Stage, setStage } from '../monitor/stage.ts'

/** A chain of simulated nodes that `ada` sequences, with what a recovery works with. */
export type RecoveryStage = Omit<Stage, 'ports' | 'monitor'> & {
  readonly ports: BackfillPorts
  readonly monitor: Stage['monitor']
  /** Ends the monitor that runs from the beginning. */
  readonly endMonitor: () => Promise<void>
  /** The leader is gone and no node replaces it: no block comes any more. */
  readonly standStill: () => Promise<void>
  /** What the history says of a node, newest first. */
  readonly acts: (node: string) => Promise<string[]>
  readonly quarantine: () => Promise<Readonly<Record<string, Quarantine>> | undefined>
  /** A recovery was begun and is not over; by default as a version without owners wrote it. */
  readonly begun: (node: string, by: string, more?: Partial<Quarantine>) => Promise<unknown>
}

export async function setRecoveryStage(): Promise<RecoveryStage> {
  const stage = await setStage({ blockTimeMs: 200 })
  const clients = new Map(
    stage.chain.nodes.map(({ name, consensusUrl, executionUrl }) => [
      name,
      {
        consensus: createNodeClient(consensusUrl, { batch: false, timeoutMs: 2_000 }),
        execution: createNodeClient(executionUrl, { timeoutMs: 2_000 }),
      },
    ]),
  )
  const ports: BackfillPorts = {
    ...stage.ports,
    clients(node) {
      const found = clients.get(node)
      if (!found) throw new Error(`no node ${node}`)
      return found
    },
  }
  const first = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  return Object.assign(stage, {
    ports,
    endMonitor: first.kill,
    async standStill() {
      await first.kill()
      await stage.chain.node('ada').kill('host')
      // What was gossiped last arrives.
      await ports.clock.sleep(500)
    },
    acts: async (node: string) =>
      (await ports.history.list('901', { limit: 100 }))
        .filter((record) => record.node === node)
        .map(({ what }) => what),
    quarantine: async () => (await ports.leases.read('901'))?.quarantine,
    begun: (node: string, by: string, more: Partial<Quarantine> = {}) =>
      changeQuarantine(ports, node, { since: ports.clock.now(), why: UNDER_WAY, by, ...more }, by),
  })
}
