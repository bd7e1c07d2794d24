import { EPOCH } from './scheduler.ts'
import { type Scene, TROUBLES, type Trouble } from './troubles.ts'
import type { World } from './world.ts'

/** One more trouble, out of a healthy chain: what Baton must make of it is known exactly. */
export async function aftermath(world: World): Promise<void> {
  const { plan, journal, scheduler } = world
  if (plan.ending === 'grown') return
  const trouble = TROUBLES[plan.ending]
  const scene = await setScene(world)
  if (!scene || scene.standbys.length < (trouble.needs ?? 0)) return
  journal.note('ENDING', () => plan.ending)
  journal.reach(`ending ${plan.ending}`)
  const before = world.referee.head
  if (before === undefined) return
  const from = scheduler.now() - EPOCH
  const number = await trouble.happen(scene, (ms) => scheduler.run(scheduler.now() + ms))
  if (!journal.violation) judge(scene, trouble, { term: before.term, number: number ?? before.number, from })
}

/** The chain once nothing is going on any more: the leader commits, and everybody follows. */
async function setScene(world: World): Promise<Scene | undefined> {
  const { referee, journal, scheduler, nodes, wires } = world
  // An order of the time before that is still on its way (a stop that takes twenty seconds) is one more trouble.
  await scheduler.run(Math.max(scheduler.now(), wires.lastArrival))
  const { head: before } = referee
  await scheduler.run(scheduler.now() + 4_000)
  const { head, lease } = referee
  const leader = nodes.find(({ name }) => name === head?.leader)
  const settled =
    journal.violation === undefined &&
    head !== undefined &&
    before !== undefined &&
    lease?.switchover === undefined &&
    lease?.mode === 'auto' &&
    lease.term === head.term &&
    head.term === before.term &&
    head.number >= before.number + 3n &&
    referee.committed.get(head.number)?.node === head.leader
  if (!settled || !leader) return undefined
  const standbys = nodes.filter((node) => node !== leader && node.consensus.process.status === 'running')
  return { ...world, leader, standbys }
}

type Before = { readonly term: number; readonly number: bigint; readonly from: number }

function judge(scene: Scene, { sameTerm, grows = 0n, ends, replacedWithin }: Trouble, before: Before): void {
  const { plan, journal, referee, leader } = scene
  const { head, lease } = referee
  const broken = (message: string) => journal.violate(6, `${plan.ending}: ${message}`)
  if (sameTerm?.(scene) && (head?.term !== before.term || lease?.term !== before.term))
    broken(`term ${before.term} was replaced by ${lease?.term}, though no node was to be granted`)
  const grown = (head?.number ?? 0n) - before.number
  if (grown < grows) broken(`only ${grown} blocks came`)
  if (ends && head?.leader !== leader.name && leader.consensus.sequencer.active) broken('it goes on sequencing')
  if (replacedWithin === undefined) return
  const first = [...referee.committed.values()].find(({ term }) => term > before.term)
  const took = first ? first.at - before.from : undefined
  if (took === undefined || took > replacedWithin) broken(`replaced after ${took ?? 'no'} ms, not ${replacedWithin}`)
}
