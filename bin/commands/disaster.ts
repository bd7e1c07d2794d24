import { defineCommand } from 'citty'
import type { ChainPorts } from '../../lib/context/ports.ts'
import type { DisasterAct } from '../../lib/operations/disaster/document.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { type Globals, globals } from '../options.ts'

/** What can be done; each is one function of lib/disaster. */
const acts = ['survey', 're-seed', 'cold-start', 'override', 'return', 'to-op-conductor'] as const
type Act = (typeof acts)[number]

type Arguments = Globals & {
  readonly confirm?: string | undefined
  readonly to?: string | undefined
  readonly node?: string | undefined
  readonly 'against-vote'?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
}

/** `baton disaster`: what is done when nothing goes by itself any more. Each act wants a block's hash. */
export const disaster = defineCommand({
  meta: {
    name: 'disaster',
    description:
      'Bring a chain back by hand. survey: what is left of it, changes nothing. re-seed: name the head of a chain that lost it. cold-start: the same, and who goes on. override, return: let one node publish without Baton, and take its blocks back. to-op-conductor: hand the chain over',
  },
  args: {
    act: { type: 'positional', required: true, description: acts.join(', ') },
    confirm: { type: 'string', valueHint: 'hash', description: "the block's whole hash, as survey or status show it" },
    to: { type: 'string', valueHint: 'node', description: 'cold-start: who goes on' },
    node: { type: 'string', valueHint: 'node', description: 'override, return: which node' },
    'dry-run': { type: 'boolean', description: 'show the survey and what would be done; change nothing' },
    'against-vote': {
      type: 'boolean',
      description: 're-seed, cold-start, override: a block the votes are not for, or that others have left',
    },
    ...globals,
  },
  async run({ args }) {
    const act = acts.find((each) => each === args.act)
    if (!act) throw new UsageError(`there is no "${args.act}"`, `There are ${acts.join(', ')}.`)
    const { withChain } = await import('../connect.ts')
    await withChain(args, (ports) => perform(act, ports, args))
    return exitCodes.ok.code
  },
})

async function perform(act: Act, ports: ChainPorts, args: Arguments): Promise<void> {
  const { operatorName } = await import('../connect.ts')
  const { planDisaster } = await import('../../lib/operations/disaster/procedure.ts')
  const { runDisaster } = await import('../../lib/operations/disaster/run.ts')
  const { write } = await import('../output.ts')
  const told =
    act === 'survey' || args['dry-run']
      ? await planDisaster(ports, act === 'survey' ? undefined : act)
      : await runDisaster(ports, read(act, args), operatorName())
  write(args, told.value, () => told.words)
}

function read(act: Exclude<Act, 'survey'>, args: Arguments): DisasterAct {
  const hash = () => need(args, 'confirm', act).toLowerCase()
  switch (act) {
    case 're-seed':
      return { act, hash: hash(), againstVote: args['against-vote'] }
    case 'cold-start':
      return { act, to: need(args, 'to', act), hash: hash(), againstVote: args['against-vote'] }
    case 'override':
      return { act, node: need(args, 'node', act), hash: hash(), againstVote: args['against-vote'] }
    case 'return':
      return { act, node: need(args, 'node', act), hash: hash() }
    case 'to-op-conductor':
      return { act, hash: hash() }
  }
}

function need(args: Arguments, name: 'confirm' | 'to' | 'node', act: Act): string {
  const value = args[name]
  if (value === undefined) throw new UsageError(`disaster ${act} needs --${name}`, 'See "baton disaster --help".')
  return value
}
