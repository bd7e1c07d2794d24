import { setQuarantine } from '../../lib/operator/quarantine.ts'
import { switchover } from '../../lib/operator/switchover.ts'
import { DEAD_MS, FROZEN_MS, STALLED_MS, VERIFIED_MS } from './bounds.ts'
import type { Scene, Trouble } from './trouble.ts'

const cutFromGates = ({ gates, leader, wires }: Scene) => {
  for (const { name } of gates) wires.cut(leader.name, name)
}

/** For a while every monitor's clock is ahead; then it is right, and all of them are new. */
export async function hadWrongClock(
  { monitors }: Scene,
  wait: (ms: number) => Promise<void>,
  aheadMs = 600_000,
): Promise<void> {
  for (const { clock } of monitors) clock.offsetMs = aheadMs
  await wait(3_000)
  for (const { process } of monitors) process.kill()
  for (const monitor of monitors) {
    monitor.clock.offsetMs = 0
    monitor.start()
  }
}

/** Troubles of the leader, and of those that are to replace it. */
export const TROUBLES_OF_NODES = {
  'leader-freezes': {
    needs: 1,
    replacedWithin: FROZEN_MS,
    ends: true,
    async happen({ leader }, wait) {
      leader.freeze()
      await wait(8_000)
      leader.thaw()
      await wait(5_000)
    },
  },
  'leader-dies': {
    needs: 1,
    replacedWithin: DEAD_MS,
    async happen({ leader, standbys, operator }, wait) {
      const [best] = standbys
      if (best && standbys.length > 1) await orders(setQuarantine(operator.ports, best.name, 'simulated', 'ann'), wait)
      leader.kill()
      await wait(4_000)
    },
  },
  'leader-barred': {
    needs: 1,
    replacedWithin: STALLED_MS,
    async happen(scene, wait) {
      cutFromGates(scene)
      await wait(STALLED_MS)
    },
  },
  'head-left': {
    needs: 1,
    sameTerm: () => true,
    async happen({ leader, standbys }, wait) {
      for (const standby of standbys.slice(0, 1)) standby.lie = 'higher-head'
      await wait(1_500)
      leader.kill()
      await wait(STALLED_MS)
    },
  },
  'lease-from-the-future': {
    needs: 1,
    grows: 2n,
    async happen(scene, wait) {
      const { operator, standbys, gates, wires, referee } = scene
      const asked = switchover(operator.ports, { to: standbys[0]?.name ?? '', by: 'ann' })
      // A clock a minute ahead would drop it as too late.
      await hadWrongClock(scene, (ms) => orders(asked, wait, ms), 50_000)
      await wait(1_000)
      const { leader = '', number } = referee.head ?? {}
      for (const { name } of gates) wires.cut(leader, name)
      await wait(STALLED_MS + 2_000)
      return number
    },
  },
  'two-bad-nodes': {
    needs: 2,
    grows: 2n,
    async happen(scene, wait) {
      cutFromGates(scene)
      const [best] = scene.standbys
      if (best) best.lie = 'claims-started'
      await wait(STALLED_MS + 2 * VERIFIED_MS)
    },
  },
  'liar-asked': {
    needs: 1,
    grows: 2n,
    async happen({ standbys, operator }, wait) {
      const [liar] = standbys
      if (!liar) return
      liar.lie = 'claims-started'
      await orders(switchover(operator.ports, { to: liar.name, by: 'ann' }), wait)
      await wait(2 * VERIFIED_MS)
    },
  },
  'zombie-alone': {
    needs: 1,
    grows: 2n,
    async happen(scene, wait) {
      const { leader, standbys, nodes, gates, wires, referee } = scene
      leader.lie = 'claims-stopped'
      for (const { name } of [...gates, ...nodes]) wires.cut(name, leader.name)
      await wait(STALLED_MS + 1_000)
      for (const standby of standbys) standby.kill()
      wires.mendAll()
      const { number } = referee.head ?? {}
      await wait(2 * VERIFIED_MS)
      return number
    },
  },
} satisfies Record<string, Trouble>

/** An operator's act; whatever comes of it, it is over soon. */
async function orders(act: Promise<unknown>, wait: (ms: number) => Promise<void>, ms = 200): Promise<void> {
  act.catch(() => {})
  await wait(ms)
}
