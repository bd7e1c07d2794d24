import { defineCommand } from 'citty'
import type { ChainPorts } from '../../lib/context/ports.ts'
import type { SwitchoverRequest } from '../../lib/operator/switchover.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { type Globals, globals } from '../options.ts'

/** `baton switchover`: asks for sequencing to move, and waits for what comes of it. */
export const switchover = defineCommand({
  meta: { name: 'switchover', description: 'Move sequencing to another node at a block boundary' },
  args: {
    to: { type: 'string', valueHint: 'node', description: 'where to; default: the best eligible standby' },
    at: { type: 'string', valueHint: 'time', description: 'not before this time, e.g. 2026-12-01T04:00:00Z' },
    force: {
      type: 'boolean',
      description: 'with --to: although it is not eligible; never to one on another branch or without state',
    },
    'dry-run': { type: 'boolean', description: 'tell where it would go, or why not; change nothing' },
    cancel: { type: 'boolean', description: 'withdraw one that has not begun' },
    'no-wait': { type: 'boolean', description: 'do not wait until it is carried out or refused' },
    ...globals,
  },
  async run({ args }) {
    const notBefore = args.at === undefined ? 0 : readTime(args.at)
    const { operatorName, withChain } = await import('../connect.ts')
    const operate = await import('../../lib/operator/switchover.ts')
    const { awaitSwitchover } = await import('../../lib/operations/switchover/await.ts')
    const { askedOf } = await import('../../lib/operator/switchover-once.ts')
    const { write } = await import('../output.ts')
    if (args.cancel) return await withChain(args, (ports) => cancel(args, ports))
    return await withChain(args, async (ports) => {
      const request = { notBefore, force: args.force === true, by: operatorName() }
      if (args['dry-run'])
        return await preview(args, ports, args.to === undefined ? request : { ...request, to: args.to })
      const lease = await operate.switchover(ports, args.to === undefined ? request : { ...request, to: args.to })
      const target = args.to ?? 'the best standby'
      if (args.wait === false || notBefore > Date.now()) {
        write(args, lease, () => `asked for: to ${target}${notBefore > 0 ? `, not before ${args.at}` : ''}`)
        return exitCodes.ok.code
      }
      const { result, message, exit } = await awaitSwitchover(ports, askedOf(lease))
      write(args, result, () => message)
      return exitCodes[exit].code
    })
  },
})

async function preview(args: Globals, ports: ChainPorts, request: SwitchoverRequest): Promise<number> {
  const { previewSwitchover } = await import('../../lib/operator/switchover.ts')
  const { soften } = await import('../../lib/text/reason.ts')
  const { write } = await import('../output.ts')
  const plan = await previewSwitchover(ports, request)
  const { from, to } = plan
  const steps = `fence the head for ${to} right after a commit, start it there, see it commit within its slot (else back to ${from}), then stop ${from}`
  write(args, plan, () => (to === undefined ? `would be refused: ${soften(plan.refused)}` : `would ${steps}`))
  return to === undefined ? exitCodes.refused.code : exitCodes.ok.code
}

async function cancel(args: Globals, ports: ChainPorts): Promise<number> {
  const { operatorName } = await import('../connect.ts')
  const operate = await import('../../lib/operator/switchover.ts')
  const { write } = await import('../output.ts')
  write(args, await operate.cancelSwitchover(ports, operatorName()), () => 'withdrawn')
  return exitCodes.ok.code
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
