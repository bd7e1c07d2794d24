import { defineCommand } from 'citty'
import type { UpgradeRequest } from '../../lib/operations/upgrade/run.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton upgrade`: a rolling upgrade of every node, the leader last. */
export const upgrade = defineCommand({
  meta: {
    name: 'upgrade',
    description: 'Upgrade every node, one at a time, the leader last; stop at the first node that does not recover',
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
      description: "text a node's version must contain afterwards; a node whose version has it already is skipped",
    },
    'dry-run': { type: 'boolean', description: 'print the plan and its checks; change nothing' },
    resume: { type: 'boolean', description: 'continue an upgrade to this version that stopped' },
    alone: { type: 'boolean', description: 'upgrade even if no standby could take over meanwhile' },
    within: { type: 'string', valueHint: 's', description: 'seconds a node has to become eligible again; default 600' },
    bake: {
      type: 'string',
      valueHint: 's',
      description: 'seconds the new leader must commit before the old one is upgraded; default 30',
    },
    ...globals,
  },
  async run({ args }) {
    const { withChain } = await import('../connect.ts')
    const { planUpgrade, runUpgrade } = await import('../../lib/operations/upgrade/run.ts')
    const { watch } = await import('../session.ts')
    const { write } = await import('../output.ts')
    const withinMs = readSeconds('within', args.within)
    const bakeMs = readSeconds('bake', args.bake)
    const request: UpgradeRequest = {
      to: args.to,
      resume: args.resume === true,
      alone: args.alone === true,
      ...(args.expect !== undefined && { expect: args.expect }),
      ...(withinMs !== undefined && { withinMs }),
      ...(bakeMs !== undefined && { bakeMs }),
    }
    return await withChain(args, async (ports) => {
      const told = args['dry-run'] ? await planUpgrade(ports, request) : await runUpgrade(ports, request, watch(args))
      write(args, told.value, () => told.text)
      return told.blocked ? exitCodes.refused.code : exitCodes.ok.code
    })
  },
})

function readSeconds(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (seconds >= 0 && seconds <= 86_400) return Math.round(seconds * 1_000)
  throw new UsageError(`--${name} ${text} is not possible`, 'Write seconds from 0 to 86400.')
}
