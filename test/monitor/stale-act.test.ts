import { expect, test } from 'vitest'
import { freshMemory, type Memory } from '../../lib/context/memory.ts'
import { observeChain } from '../../lib/context/observe.ts'
import type { ChainPorts, NodePort } from '../../lib/context/ports.ts'
import { tryGates } from '../../lib/monitor/acts/try-gate.ts'
import { carryOut } from '../../lib/monitor/carry-out.ts'
import { hold, pause } from '../../lib/operator/modes.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import { switchover } from '../../lib/operator/switchover.ts'
import type { Command, View } from '../../lib/protocol/decision.ts'
import { reason } from '../../lib/protocol/reason.ts'
import { GENESIS } from '../simulation/blocks.ts'
import { virtualFleet } from './virtual-fleet.ts'

/** What a monitor may send without a condition of the store, and what of it arrives. */
const ACTS = ['start', 'stop', 'reset-derivation', 'top-up', 'follow-l1', 'try-gate'] as const
type Act = (typeof ACTS)[number]

/** The acts that wait for a read or for the node before they send, or in between: a process may freeze there, too. */
const WAITING = ['start', 'top-up', 'try-gate'] as const

const ORDERS = {
  pause: (ports) => pause(ports, 'ann'),
  hold: (ports) => hold(ports, 'ann'),
  'quarantine bob': (ports) => setQuarantine(ports, 'bob', 'its disk', 'ann'),
  'switchover to cyd': (ports) => switchover(ports, { to: 'cyd', by: 'ann' }),
} as const satisfies Record<string, (ports: ChainPorts) => Promise<unknown>>
const names = Object.keys(ORDERS) as (keyof typeof ORDERS)[]

/** A chain that ada leads, bob lacks its newest blocks, and a monitor that has decided on an act. */
async function decided(act: Act, alone = ['bob']) {
  const fleet = virtualFleet({ alone })
  await fleet.begin()
  const end = fleet.watch()
  await fleet.run(10_000)
  end()
  await fleet.run(5_000)
  const memory = freshMemory()
  let sent = 0
  let reads = 0
  /** How long the process stands still in each call that answers a question before the act (ms). */
  const still = { ms: 0 }
  const asked = async () => {
    const { ms } = still
    still.ms = 0
    await fleet.ports.clock.sleep(ms)
  }
  const counted = <T>(call: () => Promise<T>) => {
    sent++
    return call()
  }
  const port = (name: string): NodePort => {
    const own = fleet.ports.port(name)
    return {
      ...own,
      start: (at) => counted(() => own.start(at)),
      stop: () => counted(() => own.stop()),
      resetDerivation: () => counted(() => own.resetDerivation()),
      post: (envelope) => (act === 'top-up' ? counted(() => own.post(envelope)) : own.post(envelope)),
      reachGate: () => counted(async () => ({ reach: 'proved' as const })),
    }
  }
  const ports: ChainPorts = {
    ...fleet.ports,
    port,
    objects: {
      ...fleet.ports.objects,
      get: async (key) => {
        await asked()
        return fleet.ports.objects.get(key)
      },
    },
    heads: {
      ...fleet.ports.heads,
      readWithPayload: async (chain) => {
        const head = await fleet.ports.heads.readWithPayload(chain)
        await asked()
        return head
      },
      write: (chain, write) => counted(() => fleet.ports.heads.write(chain, write)),
    },
    leases: {
      ...fleet.ports.leases,
      read: (chain) => {
        reads++
        return fleet.ports.leases.read(chain)
      },
    },
  }
  const seen = observeChain(ports, memory)
  await fleet.run(100)
  const view = await seen
  expect(view.head?.leader).toBe('ada')
  reads = 0
  /** Carries the act out, frozen for so long in the middle of it, while an order is given. */
  const goOn = async (withinMs = 0, order?: keyof typeof ORDERS) => {
    still.ms = withinMs
    const done = send(act, ports, memory, view)
    if (order) {
      await fleet.run(100)
      await given(fleet, order)
    }
    await fleet.run(withinMs + 20_000)
    await done
    return { sent, reads }
  }
  return { fleet, memory, goOn }
}

async function send(act: Act, ports: ChainPorts, memory: Memory, view: View): Promise<void> {
  if (act === 'try-gate') return tryGates(ports, memory, view)
  const reasons = [reason('operator', { message: 'decided a while ago' })]
  const commands: Record<Exclude<Act, 'try-gate'>, Command> = {
    start: { act: 'start', node: 'ada', term: 1, reasons },
    stop: { act: 'stop', node: 'bob', reasons },
    'reset-derivation': { act: 'reset-derivation', node: 'bob', reasons },
    'top-up': { act: 'top-up', node: 'bob', reasons },
    'follow-l1': { act: 'follow-l1', block: GENESIS, reasons },
  }
  await carryOut(ports, memory, view, commands[act])
}

async function given(fleet: ReturnType<typeof virtualFleet>, order: keyof typeof ORDERS): Promise<void> {
  const done = ORDERS[order](fleet.ports)
  await fleet.run(500)
  await done
}

const each = ACTS.flatMap((act) => names.map((order) => [act, order] as const))

test.each(each)('%s: a monitor stood still since it decided, and then came: %s', async (act, order) => {
  const { fleet, goOn } = await decided(act)
  await fleet.run(60_000)
  await given(fleet, order)
  expect((await goOn()).sent).toBe(0)
  fleet.halt()
})

const within = WAITING.flatMap((act) => names.map((order) => [act, order] as const))

test.each(within)('%s: a monitor stood still while it was about to send, and then came: %s', async (act, order) => {
  const { fleet, goOn } = await decided(act)
  expect((await goOn(60_000, order)).sent).toBe(0)
  fleet.halt()
})

test.each(ACTS)('%s: nothing but blocks and renewals since: it is sent', async (act) => {
  const { fleet, goOn } = await decided(act)
  await fleet.run(5_000)
  expect((await goOn()).sent).toBeGreaterThan(0)
  fleet.halt()
})

test.each(WAITING)('%s: at once, no record is read once more', async (act) => {
  const { fleet, goOn } = await decided(act)
  const { sent, reads } = await goOn()
  expect(sent).toBeGreaterThan(0)
  expect(reads).toBe(0)
  fleet.halt()
})

test('a start that an order overtook is no failure of the node, and the history says so', async () => {
  const { fleet, memory, goOn } = await decided('start')
  await fleet.run(60_000)
  await given(fleet, 'pause')
  await goOn()
  expect(memory.observed.ada?.failedStart).toBeUndefined()
  expect(memory.acts).toEqual({})
  const [reported] = await fleet.ports.history.list('901')
  expect(reported).toMatchObject({ what: 'start', node: 'ada', reasons: [{ code: 'start-failed' }, {}] })
  fleet.halt()
})

test('bob leads by the time a frozen monitor goes on: he is not stopped', async () => {
  const { fleet, goOn } = await decided('stop', [])
  const end = fleet.watch()
  await fleet.run(30_000)
  const asked = switchover(fleet.ports, { to: 'bob', by: 'ann' })
  await fleet.run(5_000)
  await asked
  expect(await fleet.ports.heads.read('901')).toMatchObject({ leader: 'bob', term: 2, committedTerm: 2 })
  end()
  expect((await goOn()).sent).toBe(0)
  expect(fleet.node('bob').consensus.sequencer.active).toBe(true)
  fleet.halt()
})
