import { setQuarantine } from '../../lib/monitor/operate/modes.ts'
import { switchover } from '../../lib/monitor/operate/switchover.ts'
import { BLOCK_MS } from './blocks.ts'
import type { NodeHost } from './node-host.ts'
import type { Ending } from './plan.ts'
import { POLICY } from './policy.ts'
import type { World } from './world.ts'

/** The chain as it is when the trouble begins: healthy, with this holder. */
export type Scene = World & {
  readonly holder: NodeHost
  /** The other nodes that are alive, best first. */
  readonly standbys: readonly NodeHost[]
}

/** What is done to a healthy chain, and what must come of it. */
export type Trouble = {
  /** Standbys it takes. */
  readonly needs?: number
  /** Does it, and runs on for as long as it takes. */
  readonly happen: (scene: Scene, wait: (ms: number) => Promise<void>) => Promise<void>
  /** The holder is healthy: its term goes on. */
  readonly sameTerm?: (scene: Scene) => boolean
  /** Blocks there must be at the end. */
  readonly grows?: bigint
  /** ms within which somebody else's first block must come. */
  readonly replacedWithin?: number
}

const PROBE_MS = 500
const WATCH_MS = 150
const ACTING_MS = 500

/** A late block, two silent looks, then grant, fence and start. */
const FROZEN_MS = BLOCK_MS + POLICY.slackMs + 2 * (PROBE_MS + WATCH_MS) + ACTING_MS
/** A refused connection is settled at once when a block is late. */
const DEAD_MS = BLOCK_MS + POLICY.slackMs + WATCH_MS + ACTING_MS
/** A soft reason waits for the stall, the lease and the hold time. */
const STALLED_MS = POLICY.stallMs + BLOCK_MS + POLICY.leaseMs + POLICY.holdMs + ACTING_MS
const VERIFIED_MS = POLICY.verifyMs + ACTING_MS

const always = () => true
const cutFromGates = ({ gates, holder, wires }: Scene) => {
  for (const { name } of gates) wires.cut(holder.name, name)
}

/** Every trouble by its name. */
export const TROUBLES: Readonly<Record<Exclude<Ending, 'grown'>, Trouble>> = {
  'monitors-die': {
    sameTerm: always,
    grows: 4n,
    async happen({ monitors }, wait) {
      for (const { process } of monitors) process.kill()
      await wait(6_000)
    },
  },
  'holder-unseen': {
    sameTerm: always,
    grows: 4n,
    async happen({ monitors, holder, wires }, wait) {
      for (const { name } of monitors) wires.cut(name, holder.name)
      await wait(6_000)
    },
  },
  'store-dies': {
    sameTerm: always,
    grows: 4n,
    async happen({ storeNetwork }, wait) {
      storeNetwork.health.down = true
      await wait(6_000)
      storeNetwork.health.down = false
      await wait(5_000)
    },
  },
  'gates-die': {
    sameTerm: ({ plan }) => plan.asksGate,
    grows: 4n,
    async happen({ gates }, wait) {
      for (const { process } of gates) process.kill()
      await wait(6_000)
      for (const gate of gates) gate.start()
      await wait(5_000)
    },
  },
  'holder-freezes': {
    needs: 1,
    replacedWithin: FROZEN_MS,
    async happen({ holder }, wait) {
      holder.freeze()
      await wait(5_000)
      holder.thaw()
      await wait(2_000)
    },
  },
  'holder-dies': {
    needs: 1,
    replacedWithin: DEAD_MS,
    async happen({ holder, standbys, operator }, wait) {
      const [best] = standbys
      if (best && standbys.length > 1) await orders(setQuarantine(operator.ports, best.name, 'simulated', 'ann'), wait)
      holder.kill()
      await wait(4_000)
    },
  },
  'holder-barred': {
    needs: 1,
    replacedWithin: STALLED_MS,
    async happen(scene, wait) {
      cutFromGates(scene)
      await wait(STALLED_MS)
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
      const { holder, standbys, nodes, gates, wires } = scene
      holder.lie = 'claims-stopped'
      for (const { name } of [...gates, ...nodes]) wires.cut(name, holder.name)
      await wait(STALLED_MS + 1_000)
      for (const standby of standbys) standby.kill()
      wires.mendAll()
      await wait(2 * VERIFIED_MS)
    },
  },
  'monitor-from-the-future': {
    needs: 1,
    replacedWithin: DEAD_MS + POLICY.verifyMs,
    async happen({ monitors, holder, plan, journal }, wait) {
      for (const { clock } of monitors) clock.offsetMs = 600_000
      await wait(3_000)
      for (const { process } of monitors) process.kill()
      for (const monitor of monitors) {
        monitor.clock.offsetMs = 0
        monitor.start()
      }
      await wait(100)
      if (!plan.rivals) journal.reach('lease of a monitor from the future')
      holder.kill()
      await wait(DEAD_MS + POLICY.verifyMs)
    },
  },
}

/** An operator's act; whatever comes of it, it is over soon. */
async function orders(act: Promise<unknown>, wait: (ms: number) => Promise<void>): Promise<void> {
  act.catch(() => {})
  await wait(200)
}
