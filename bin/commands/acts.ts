import { defineCommand } from 'citty'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { type ActName, actDescriptions } from '../../lib/operator/act-names.ts'
import type { Done } from '../../lib/operator/acts.ts'
import type { SwitchoverRequest } from '../../lib/operator/switchover.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { type Globals, globals } from '../options.ts'

/** `baton pause`: an act without input. */
export const pause = defineCommand({
  meta: { name: 'pause', description: actDescriptions.pause },
  args: globals,
  run: ({ args }) => operate(args, 'pause'),
})

/** `baton resume`. */
export const resume = defineCommand({
  meta: { name: 'resume', description: actDescriptions.resume },
  args: globals,
  run: ({ args }) => operate(args, 'resume'),
})

/** `baton hold`: pins sequencing to its leader. */
export const hold = defineCommand({
  meta: { name: 'hold', description: actDescriptions.hold },
  args: {
    node: { type: 'positional', required: false, description: 'the leader; refused if another node leads' },
    ...globals,
  },
  async run({ args }) {
    if (args.node !== undefined) return await operate(args, 'hold', { node: args.node })
    const { withChain } = await import('../connect.ts')
    const lease = await withChain(args, ({ leases, chain }) => leases.read(chain.id))
    const next = lease?.leader ? `${lease.leader} leads: "baton hold ${lease.leader}".` : 'See "baton status".'
    throw new UsageError('hold needs the name of the leader, so that it pins no other node', next)
  },
})

/** `baton quarantine`: excludes a node from eligibility, or re-enables it. */
export const quarantine = defineCommand({
  meta: { name: 'quarantine', description: `${actDescriptions.quarantine}; --lift releases it` },
  args: {
    node: { type: 'positional', required: true, description: 'the node' },
    why: { type: 'string', valueHint: 'text', description: 'why it must not sequence; everyone sees it' },
    lift: { type: 'boolean', description: 'release it: it is eligible again' },
    force: { type: 'boolean', description: 'with --lift: even if its override has not been seen to end' },
    ...globals,
  },
  run({ args }) {
    const { node, why, lift, force = false } = args
    if (lift === true && why === undefined) return operate(args, 'release', { node, force })
    if (lift !== true && why !== undefined) return operate(args, 'quarantine', { node, why })
    throw new UsageError('quarantine needs either --why TEXT or --lift', 'See "baton quarantine --help".')
  },
})

/** `baton adopt`: takes over a chain that a node sequences outside Baton. */
export const adopt = defineCommand({
  meta: { name: 'adopt', description: actDescriptions.adopt },
  args: {
    to: { type: 'string', valueHint: 'node', required: true, description: 'the node that is to sequence next' },
    ...globals,
  },
  run: ({ args }) => operate(args, 'adopt', { to: args.to }),
})

/** `baton switchover`: requests a move of sequencing, and waits for the result. */
export const switchover = defineCommand({
  meta: { name: 'switchover', description: actDescriptions.switchover },
  args: {
    to: { type: 'string', valueHint: 'node', description: 'where to; default: the best eligible standby' },
    at: { type: 'string', valueHint: 'time', description: 'not before this time, e.g. 2026-12-01T04:00:00Z' },
    force: {
      type: 'boolean',
      description: 'with --to: even if the node is not eligible; never to one on another branch or without state',
    },
    'dry-run': {
      type: 'boolean',
      description: 'show where sequencing would move, or why it would not; change nothing',
    },
    cancel: { type: 'boolean', description: 'withdraw one that has not begun' },
    'no-wait': { type: 'boolean', description: 'do not wait until it is carried out or refused' },
    ...globals,
  },
  async run({ args }) {
    const notBefore = args.at === undefined ? 0 : readTime(args.at)
    const { operatorName, withChain } = await import('../connect.ts')
    const { write } = await import('../output.ts')
    const { sayWhenInterrupted } = await import('../session.ts')
    if (args.cancel) return await operate(args, 'cancel-switchover')
    const { to, force = false } = args
    const request = { notBefore, force, ...(to !== undefined && { to }) }
    return await withChain(args, async (ports) => {
      if (args['dry-run']) return await preview(args, ports, { ...request, by: operatorName() })
      const { asked, ...done } = await carryOut(ports, 'switchover', request, operatorName())
      if (!asked || args.wait === false) return report(args, 'switchover', done)
      const over = sayWhenInterrupted(
        'baton: no longer waiting; the switchover stays requested\n  See "baton status"; "baton switchover --cancel" withdraws it.\n',
      )
      const { awaitSwitchover } = await import('../../lib/operations/switchover/await.ts')
      const { result, message, exit } = await awaitSwitchover(ports, asked).finally(over)
      write(args, 'switchover', { ...result, message }, () => message)
      return exitCodes[exit].code
    })
  },
})

/** Carries out an act of the table, and writes its result. */
async function operate(args: Globals, name: ActName, input: object = {}): Promise<number> {
  const { operatorName, withChain } = await import('../connect.ts')
  return await report(args, name, await withChain(args, (ports) => carryOut(ports, name, input, operatorName())))
}

async function carryOut(ports: ChainPorts, name: ActName, input: object, by: string): Promise<Done> {
  const { acts } = await import('../../lib/operator/acts.ts')
  const { ValiError } = await import('valibot')
  return await acts[name].run(ports, input, by).catch((error: unknown) => {
    if (!(error instanceof ValiError)) throw error
    throw new UsageError(error.message, `See "baton ${name} --help".`)
  })
}

async function report(
  args: Globals,
  act: ActName,
  { message, value }: Pick<Done, 'message' | 'value'>,
): Promise<number> {
  const { write } = await import('../output.ts')
  const shown = act === 'adopt' ? { block: value } : { lease: value }
  write(args, 'act', { act, message, ...shown }, () => message)
  return exitCodes.ok.code
}

async function preview(args: Globals, ports: ChainPorts, request: SwitchoverRequest): Promise<number> {
  const { previewSwitchover } = await import('../../lib/operator/switchover.ts')
  const { withSteps } = await import('../../lib/operations/engine/procedure.ts')
  const { switchover: operation } = await import('../../lib/operations/switchover/operation.ts')
  const { soften } = await import('../../lib/text/format.ts')
  const { write } = await import('../output.ts')
  const plan = await previewSwitchover(ports, request)
  const { from, to } = plan
  const steps = `fence the head for ${to} right after a commit, start it there, see it commit within its slot (else back to ${from}), then stop ${from}`
  const text = to === undefined ? `would be refused: ${soften(plan.refused)}` : `would ${steps}`
  const shown = withSteps(operation, { value: plan, text })
  write(args, 'switchover-plan', shown.value as object, () => shown.text)
  return to === undefined ? exitCodes.refused.code : exitCodes.ok.code
}

/** A time with its zone, or a local one; never one in the past by mistake. */
function readTime(text: string): number {
  const at = Date.parse(text)
  if (Number.isNaN(at)) {
    throw new UsageError(`--at ${text} is not a time`, 'Write it as in ISO 8601, e.g. 2026-12-01T04:00:00Z.')
  }
  if (at < Date.now()) throw new UsageError(`--at ${text} has passed`, 'Leave --at out to move now.')
  return at
}
