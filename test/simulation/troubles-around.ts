import { DEAD_MS, FROZEN_MS } from './bounds.ts'
import { makeFront } from './make-effect.ts'
import { POLICY } from './policy.ts'
import { Random } from './random.ts'
import type { Trouble } from './trouble.ts'
import { hadWrongClock } from './troubles-of-nodes.ts'

const always = () => true

/** Troubles of everything around the nodes: their leader is healthy and goes on. */
export const TROUBLES_AROUND = {
  'monitors-die': {
    sameTerm: always,
    grows: 4n,
    async happen({ monitors }, wait) {
      for (const { process } of monitors) process.kill()
      await wait(6_000)
    },
  },
  'leader-unseen': {
    sameTerm: always,
    grows: 4n,
    async happen({ monitors, leader, wires }, wait) {
      for (const { name } of monitors) wires.cut(name, leader.name)
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
  'leader-behind-a-proxy': {
    sameTerm: always,
    grows: 6n,
    async happen({ leader, plan }, wait) {
      const random = new Random(plan.seed).fork('proxy')
      // Now and then, and then without a pause.
      for (const ms of [400, 400, 1_100, 5_000]) {
        leader.front = makeFront(random)
        await wait(ms)
        leader.front = undefined
        await wait(random.int(50, 400))
      }
    },
  },
  'dead-behind-a-proxy': {
    needs: 1,
    replacedWithin: FROZEN_MS,
    async happen({ leader, plan }, wait) {
      leader.front = { ...makeFront(new Random(plan.seed).fork('proxy')), of: 'both' }
      await wait(500)
      leader.kill()
      await wait(FROZEN_MS)
    },
  },
  'monitor-from-the-future': {
    needs: 1,
    replacedWithin: DEAD_MS + POLICY.verifyMs,
    async happen(scene, wait) {
      const { leader, plan, journal } = scene
      await hadWrongClock(scene, wait)
      await wait(100)
      if (!plan.rivals) journal.reach('lease of a monitor from the future')
      leader.kill()
      await wait(DEAD_MS + POLICY.verifyMs)
    },
  },
} satisfies Record<string, Trouble>
