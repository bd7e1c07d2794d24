import * as v from 'valibot'
import type { ChainPorts } from '../context/ports.ts'
import type { AskedSwitchover } from '../protocol/outcome.ts'
import type { Lease, NodeName } from '../protocol/records.ts'
import type { ActName } from './act-names.ts'
import { adopt } from './adopt.ts'
import { configuredNode } from './configured-node.ts'
import { RefusedActError } from './errors.ts'
import { formatMet, hold, pause, resume } from './modes.ts'
import { quarantinedNode, setQuarantine } from './quarantine.ts'
import { cancelSwitchover, switchover } from './switchover.ts'
import { askedOf } from './switchover-once.ts'

/** The outcome of an act. */
export type Done = {
  /** One sentence, without its full stop. */
  readonly message: string
  readonly leader: NodeName
  readonly term: number
  /** For programs: the lease as it is now, or the adopted block. */
  readonly value: unknown
  /** A switchover the monitor carries out at once: `readOutcome` returns its outcome. */
  readonly asked?: AskedSwitchover
}

/** One act of an operator. The command line, the page, the act function and the widget are made from it. */
export type Act = {
  /** The fields it takes; it rejects all others. */
  readonly input: v.StrictObjectSchema<v.ObjectEntries, undefined>
  /**
   * Carries it out and records who asked for it.
   *
   * @throws v.ValiError when the input does not fit the act's fields.
   * @throws RefusedActError when nothing was changed.
   * @throws StoreUnavailableError when it is not known whether something was changed.
   */
  readonly run: (ports: ChainPorts, input: unknown, by: string) => Promise<Done>
}

const node = v.pipe(v.string('must be the name of a node'), v.minLength(1, 'name a node'), v.maxLength(100))
const force = v.optional(v.boolean(), false)

function act<const E extends v.ObjectEntries>(
  entries: E,
  run: (ports: ChainPorts, input: v.InferOutput<v.StrictObjectSchema<E, undefined>>, by: string) => Promise<Done>,
): Act {
  const input = v.strictObject(entries)
  return { input, run: async (ports, given, by) => await run(ports, v.parse(input, given), by) }
}

const leaves = (message: string, lease: Lease): Done => ({
  ...{ message, leader: lease.leader, term: lease.term, value: lease },
})

/** Every act by its name, the same in commands, requests and the history. */
export const acts = {
  pause: act({}, async (ports, _, by) => {
    const lease = await pause(ports, by)
    return leaves(`paused by ${by}${formatMet(lease)}`, lease)
  }),
  resume: act({}, async (ports, _, by) => {
    const lease = await resume(ports, by)
    return leaves(`resumed by ${by}${formatMet(lease)}`, lease)
  }),
  hold: act({ node: v.optional(node) }, async (ports, input, by) => {
    if (input.node !== undefined) configuredNode(ports.nodes, input.node)
    const leader = (await ports.leases.read(ports.chain.id))?.leader
    if (input.node !== undefined && leader !== undefined && input.node !== leader)
      throw new RefusedActError(
        `${input.node} does not hold the term, ${leader || 'no node'} does`,
        `Move it there first: baton switchover --to ${input.node}`,
      )
    const lease = await hold(ports, by)
    return leaves(`pinned to ${lease.leader} by ${by}${formatMet(lease)}`, lease)
  }),
  switchover: act(
    { to: v.optional(node), notBefore: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0), force },
    async (ports, { to, notBefore, force }, by) => {
      const lease = await switchover(ports, { by, notBefore, force, ...(to !== undefined && { to }) })
      const when = notBefore > 0 ? `, not before ${new Date(notBefore).toISOString()}` : ''
      const message = `switchover to ${to ?? 'the best standby'} requested by ${by}${when}`
      return { ...leaves(message, lease), ...(notBefore <= ports.clock.now() && { asked: askedOf(lease) }) }
    },
  ),
  'cancel-switchover': act({}, async (ports, _, by) =>
    leaves(`switchover withdrawn by ${by}`, await cancelSwitchover(ports, by)),
  ),
  quarantine: act(
    { node, why: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200)), 'no reason given') },
    async (ports, { node, why }, by) => {
      const { name } = configuredNode(ports.nodes, node)
      return leaves(`${name} quarantined by ${by}: ${why}`, await setQuarantine(ports, name, why, by))
    },
  ),
  release: act({ node, force }, async (ports, { node, force }, by) => {
    const name = await quarantinedNode(ports, node)
    return leaves(`${name} released by ${by}`, await setQuarantine(ports, name, undefined, by, force))
  }),
  adopt: act({ to: node }, async (ports, { to }, by) => {
    const { name } = configuredNode(ports.nodes, to)
    const block = await adopt(ports, { to: name, by })
    const message = `chain adopted by ${by} at block ${block.number} ${block.hash}; the monitor starts ${name}`
    return { message, leader: name, term: 0, value: block }
  }),
} as const satisfies Record<ActName, Act>
