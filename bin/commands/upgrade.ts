import { defineCommand } from 'citty'
import type { UpgradeOrder, UpgradeStep } from '../../lib/upgrade/order.ts'
import type { UpgradePreview } from '../../lib/upgrade/run.ts'
import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { globals } from '../globals.ts'

/** `baton upgrade`: a rolling upgrade of every node, the leader last. */
export const upgrade = defineCommand({
  meta: {
    name: 'upgrade',
    description: 'Upgrade every node, one at a time, the leader last; stops at the first that does not come back',
  },
  args: {
    to: {
      type: 'string',
      valueHint: 'version',
      required: true,
      description: "the version, as the hosts' step takes it",
    },
    expect: {
      type: 'string',
      valueHint: 'text',
      description: "text a node's version must contain afterwards; a node that has it already is left alone",
    },
    'dry-run': { type: 'boolean', description: 'show the plan and what would be checked; change nothing' },
    resume: { type: 'boolean', description: 'go on with an upgrade to this version that stopped' },
    alone: { type: 'boolean', description: 'although no other standby could take over meanwhile' },
    within: { type: 'string', valueHint: 's', description: 'seconds a node has to be fit again; default 600' },
    bake: {
      type: 'string',
      valueHint: 's',
      description: 'seconds the new leader must last before the old one is upgraded; default 30',
    },
    ...globals,
  },
  async run({ args }) {
    const { operatorName, withChain } = await import('../connect.ts')
    const rolling = await import('../../lib/upgrade/run.ts')
    const { write } = await import('../write.ts')
    const withinMs = readSeconds('within', args.within)
    const bakeMs = readSeconds('bake', args.bake)
    const order: UpgradeOrder = {
      to: args.to,
      by: operatorName(),
      resume: args.resume === true,
      alone: args.alone === true,
      ...(args.expect !== undefined && { expect: args.expect }),
      ...(withinMs !== undefined && { withinMs }),
      ...(bakeMs !== undefined && { bakeMs }),
    }
    return await withChain(args, async (ports) => {
      if (args['dry-run']) {
        const preview = await rolling.previewUpgrade(ports, order)
        write(args, preview, () => tellPreview(preview, order))
        return preview.obstacles.length > 0 ? exitCodes.refused.code : exitCodes.ok.code
      }
      const say = (step: UpgradeStep) => {
        if (!args.json) process.stdout.write(`${tellStep(step, order.to)} …\n`)
      }
      const steps = await rolling.upgrade(ports, order, say)
      write(args, { to: order.to, steps }, () => `every node is upgraded to ${order.to}`)
      return exitCodes.ok.code
    })
  },
})

function tellStep(step: UpgradeStep, to: string): string {
  return step.step === 'upgrade' ? `upgrade ${step.node} to ${to}` : `move sequencing from ${step.from} to ${step.to}`
}

function tellPreview({ steps, obstacles, nodes }: UpgradePreview, { to, expect }: UpgradeOrder): string {
  const checks = `out of eligibility first; then fit, at the head${expect === undefined ? '' : ` and "${expect}"`} in three looks in a row; then back`
  return [
    ...nodes.map(
      ({ node, versions, done }) => `${node}: ${versions.join(', ') || 'does not tell'}${done ? ' (done)' : ''}`,
    ),
    ...steps.map((step, i) => `${i + 1}. ${tellStep(step, to)}${step.step === 'upgrade' ? ` (${checks})` : ''}`),
    ...(steps.length === 0 ? ['nothing is left to do'] : []),
    ...obstacles.map((why) => `would not begin: ${why}`),
  ].join('\n')
}

function readSeconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (seconds >= 0 && seconds <= 86_400) return Math.round(seconds * 1_000)
  throw new UsageError(`--${name} ${text} is not possible`, 'Write seconds from 0 to 86400.')
}
