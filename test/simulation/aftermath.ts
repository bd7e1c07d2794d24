import { switchover } from '../../lib/monitor/operate/switchover.ts'
import { BLOCK_MS } from './blocks.ts'
import { POLICY } from './monitor-host.ts'
import { EPOCH } from './scheduler.ts'
import type { World } from './world.ts'

const FOR_MS = 6_000

/** A frozen holder: late after a slot and the slack, silent in two looks, then grant, fence and start. */
const REPLACED_MS = BLOCK_MS + POLICY.slackMs + 2 * 1_000 + 1_000
/** A switchover to a node that never commits: the verification, and another start. */
const ROLLED_BACK_MS = POLICY.verifyMs + 4_000

/** One more trouble, out of a healthy chain: what Baton must do about it is known exactly. */
export async function aftermath(world: World): Promise<void> {
  const { plan, journal, scheduler, referee } = world
  if (plan.ending === 'grown' || !(await isSettled(world))) return
  journal.note('ENDING', () => plan.ending)
  journal.reach(`ending ${plan.ending}`)
  const before = referee.head
  if (before === undefined) return
  const { check } = strike(world, before.holder)
  await scheduler.run(scheduler.now() + FOR_MS)
  if (!journal.violation) await check()
}

const still = (world: World, ms: number) => world.scheduler.run(world.scheduler.now() + ms)

/** The term stays and its holder commits: nothing else is going on. */
async function isSettled(world: World): Promise<boolean> {
  const { referee, journal } = world
  const { head: before } = referee
  await still(world, 4_000)
  const { head, lease } = referee
  return (
    journal.violation === undefined &&
    head !== undefined &&
    before !== undefined &&
    lease?.switchover === undefined &&
    lease?.term === head.term &&
    head.term === before.term &&
    head.number >= before.number + 3n &&
    referee.committed.get(head.number)?.node === head.holder
  )
}

type Aftermath = { readonly check: () => Promise<void> }

function strike(world: World, holder: string): Aftermath {
  const { plan, referee, journal, monitors, gates, nodes, storeNetwork, wires, operator } = world
  const { term = 0, number = 0n } = referee.head ?? {}
  const alive = nodes.filter(({ consensus }) => consensus.process.status === 'running')
  const sameTerm = () => {
    if (referee.head?.term !== term || referee.lease?.term !== term)
      journal.violate(
        6,
        `${plan.ending}: term ${term} was replaced by ${referee.lease?.term}, though its holder is healthy`,
      )
  }
  const grew = (by: bigint) => {
    const { number: now = 0n } = referee.head ?? {}
    if (now < number + by) journal.violate(6, `${plan.ending}: only ${now - number} blocks in ${FOR_MS} ms`)
  }
  const goesOn = async () => {
    sameTerm()
    grew(4n)
  }
  switch (plan.ending) {
    case 'monitors-die':
      for (const { process } of monitors) process.kill()
      return { check: goesOn }
    case 'holder-unseen':
      for (const { name } of monitors) {
        wires.cut(name, holder)
        wires.cut(holder, name)
      }
      return { check: goesOn }
    case 'store-dies':
      storeNetwork.health.down = true
      return {
        async check() {
          storeNetwork.health.down = false
          await still(world, 5_000)
          sameTerm()
          grew(4n)
        },
      }
    case 'gates-die':
      for (const { process } of gates) process.kill()
      return {
        async check() {
          for (const gate of gates) gate.start()
          await still(world, 5_000)
          if (plan.asksGate) sameTerm()
          grew(4n)
        },
      }
    case 'holder-freezes': {
      if (alive.length < 2 || monitors.length === 0) return { check: async () => {} }
      nodes.find(({ name }) => name === holder)?.freeze()
      const from = world.scheduler.now()
      return { check: async () => replaced(world, term, from - EPOCH) }
    }
    case 'liar-asked': {
      const liar = alive.find(({ name }) => name !== holder)
      if (liar === undefined) return { check: async () => {} }
      liar.lie = 'claims-started'
      void switchover(operator.ports, { to: liar.name, by: 'ann' }).catch(() => {})
      return {
        async check() {
          await still(world, ROLLED_BACK_MS)
          grew(2n)
        },
      }
    }
    case 'grown':
      return { check: goesOn }
  }
}

/** The first block under a later term came soon enough. */
function replaced({ referee, journal }: World, term: number, since: number): void {
  const first = [...referee.committed.values()].find((block) => block.term > term)
  if (first === undefined || first.at - since > REPLACED_MS)
    journal.violate(
      6,
      `a frozen holder was replaced after ${first ? first.at - since : 'more than'} ms, not ${REPLACED_MS}`,
    )
}
