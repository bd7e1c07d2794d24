import { overrideLeader } from '../../lib/operations/disaster/override.ts'
import { returnFromOverride } from '../../lib/operations/disaster/return.ts'
import { hold, pause, resume } from '../../lib/operator/modes.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import { switchover } from '../../lib/operator/switchover.ts'
import { overriddenNode } from '../../lib/protocol/quarantine.ts'
import { POLICY } from './policy.ts'
import { Random } from './random.ts'
import type { Scene, Trouble } from './trouble.ts'

type Wait = (ms: number) => Promise<void>

/** Time within which a person is called once both nodes of a switchover fail, and grants made until then. */
const CALLED_MS = 12_000
const GRANTS = 4

/** Troubles in which what people order is half of it. */
export const TROUBLES_OF_OPERATORS = {
  'both-fail': {
    needs: 1,
    async happen(scene, wait) {
      const { operator, standbys, nodes, gates, wires, referee, journal, monitors } = scene
      const term = referee.lease?.term ?? 0
      switchover(operator.ports, { to: standbys[0]?.name ?? '', by: 'ann' }).catch(() => {})
      const from = journal.now()
      // The switchover is granted in the moment after which no node can commit.
      for (let ms = 0; ms < 3_000 && referee.lease?.term === term; ms += 5) await wait(5)
      for (const { name } of nodes) for (const gate of gates) wires.cut(name, gate.name)
      const isPaged = () => monitors.some(({ paging }) => paging !== undefined && paging.since > from)
      while (!isPaged() && journal.now() < from + CALLED_MS && !journal.violation) await wait(50)
      const grants = (referee.lease?.term ?? 0) - term
      if (!isPaged()) journal.violate(6, `both-fail: no one was called within ${CALLED_MS} ms`)
      if (grants > GRANTS) journal.violate(6, `both-fail: ${grants} grants before anybody was called`)
      await done(pause(operator.ports, 'ann'), wait)
      const paused = referee.lease
      await wait(2 * POLICY.verifyMs + POLICY.cooldownMs)
      // What a switchover began is finished by its way back; that any other grant is wrong, each write is judged for.
      if (paused?.mode === 'paused' && (referee.lease?.term ?? 0) > paused.term + 1)
        journal.violate('operator', 'both-fail: grants went on in the pause')
      if (paused?.mode === 'paused') journal.reach('both nodes of a switchover failed, then a pause')
    },
  },
  'monitors-stand-still': {
    sameTerm: (scene) => !isRelieved(scene),
    grows: 55n,
    async happen(scene, wait) {
      const { operator, standbys, monitors, referee, journal } = scene
      const [target] = standbys
      const relieved = isRelieved(scene)
      // A minute after its time a scheduled switchover is over: a monitor that wakes up must not carry it out.
      const notBefore = relieved ? 0 : operator.ports.clock.now() + 5_000
      const ask = async () =>
        target && done(switchover(operator.ports, { to: target.name, by: 'ann', notBefore }), wait)
      if (!relieved) await ask()
      for (const { process } of relieved ? monitors.slice(0, 1) : monitors) process.freeze()
      await wait(5_000)
      if (relieved) await ask()
      await wait(62_000)
      const { term } = referee.lease ?? {}
      for (const { process } of monitors) process.thaw()
      await wait(5_000)
      // What it remembers is a minute old, and another one acted meanwhile.
      if (referee.lease?.term !== term) journal.violate(6, 'monitors-stand-still: one woke up and moved sequencing')
      if (relieved && term !== undefined) journal.reach('a monitor woke up after another had acted')
      else if (target && referee.lease?.switchover === undefined)
        journal.reach('scheduled switchover dropped: too late')
    },
  },
  'two-operators': {
    needs: 1,
    grows: 3n,
    async happen(scene, wait) {
      const { gates, referee, journal, operator, nodes, plan } = scene
      const random = new Random(plan.seed).fork('two operators')
      const node = random.pick([scene.leader, ...scene.standbys])
      const dead = random.chance(0.5)
      if (dead) for (const { process } of gates) process.kill()
      if (dead) await wait(random.int(0, 3_000))
      const overridden = await override(scene, node.name, wait)
      if (overridden) journal.reach(dead ? 'override without a gate' : 'override')
      for (let acts = random.int(2, 6); acts > 0 && !journal.violation; acts--) {
        interfere(scene, node.name, random)
        await wait(random.int(100, 1_500))
      }
      await wait(2_000)
      for (const gate of gates) gate.start()
      for (let tries = 0, to = node.name; tries < 10 && !journal.violation; tries++) {
        const hash = referee.head?.hash ?? ''
        const returned = await done(returnFromOverride(operator.ports, { node: to, hash, by: 'ann' }), wait)
        if (returned) journal.reach('returned from an override')
        const other = overriddenNode(referee.lease?.quarantine)
        if (!other) break
        // The refusal names the node.
        to = other.node
        await wait(200)
      }
      for (const { name } of nodes) await done(setQuarantine(operator.ports, name, undefined, 'ann'), wait)
      await done(resume(operator.ports, 'ann'), wait)
      const { number } = referee.head ?? {}
      await wait(2 * POLICY.verifyMs + POLICY.cooldownMs)
      return number
    },
  },
} satisfies Record<string, Trouble>

/** Whether one monitor goes on while another stands still. */
const isRelieved = ({ monitors, plan }: Scene) => monitors.length > 1 && plan.seed % 3 > 0

/** One operator lets a node publish without commits; the head moves on while it is confirmed, so it takes a few tries. */
async function override({ operator, referee }: Scene, node: string, wait: Wait): Promise<boolean> {
  for (let tries = 0; tries < 8; tries++) {
    const hash = referee.head?.hash ?? ''
    if (await done(overrideLeader(operator.ports, { node, hash, by: 'ann' }), wait)) return true
    await wait(150)
  }
  return false
}

/** Another operator, who does not know of it, does something else meanwhile; whatever comes of it. */
function interfere(scene: Scene, node: string, random: Random): void {
  const { operator, nodes, referee, journal } = scene
  const { ports } = operator
  const by = 'ben'
  const to = random.pick(nodes).name
  const hash = referee.head?.hash ?? ''
  const act = random.pick<() => Promise<unknown>>([
    () => resume(ports, by),
    () => hold(ports, by),
    () => switchover(ports, { to, by }),
    () => switchover(ports, { to, by, force: true }),
    () => switchover(ports, { to, by, notBefore: ports.clock.now() + 2_000 }),
    () => setQuarantine(ports, node, undefined, by),
    () => setQuarantine(ports, to, 'simulated', by),
    () => overrideLeader(ports, { node: to, hash, by }),
    // Handed over to op-conductor: the way back, and another node in its place.
    () =>
      returnFromOverride(ports, { node, hash, by }).then(() =>
        overrideLeader(ports, { node: to, hash: referee.head?.hash ?? '', by }),
      ),
    () => returnFromOverride(ports, { node, hash, by }),
  ])
  act().then(
    () => journal.reach('second operator: done'),
    () => journal.reach('second operator: refused'),
  )
}

/** Waits for an act to end, in virtual time; whether it was done. */
async function done(act: Promise<unknown>, wait: Wait): Promise<boolean> {
  let ended: boolean | undefined
  act.then(
    () => {
      ended = true
    },
    () => {
      ended = false
    },
  )
  for (let ms = 0; ended === undefined && ms < 60_000; ms += 20) await wait(20)
  return ended === true
}
