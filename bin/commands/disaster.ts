import { defineCommand } from 'citty'
import type { ChainPorts } from '../../lib/context/ports.ts'
import { type DisasterAct, type DisasterKind, disasterActs, disasterKinds } from '../../lib/operations/disaster/acts.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { type Globals, globals } from '../options.ts'

const acts = ['survey', ...disasterKinds] as const
type Act = (typeof acts)[number]

type Arguments = Globals & {
  readonly confirm?: string | undefined
  readonly to?: string | undefined
  readonly node?: string | undefined
  readonly 'against-vote'?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
}

const actHelp = [
  'survey: shows what is left of the chain, with a vote; changes nothing.',
  ...disasterKinds.map((kind) => `${kind}: ${disasterActs[kind].does}`),
].join(' ')

/** `baton disaster`: what to do when automation cannot proceed. Each act needs a block's hash. */
export const disaster = defineCommand({
  meta: {
    name: 'disaster',
    description: 'Bring a chain back by hand: each act but survey wants the whole hash of a block',
  },
  args: {
    act: { type: 'positional', required: true, description: actHelp },
    confirm: { type: 'string', valueHint: 'hash', description: "the block's whole hash, as survey or status show it" },
    to: { type: 'string', valueHint: 'node', description: 'cold-start: the node that is to lead' },
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
  const { planAct, runDisaster } = await import('../../lib/operations/disaster/run.ts')
  const { write } = await import('../output.ts')
  const report = async () => {
    if (act === 'survey') return await planDisaster(ports)
    if (args['dry-run']) return await planAct(ports, act)
    return await runDisaster(ports, await read(act, args), operatorName())
  }
  const { value, text } = await report()
  write(args, 'disaster', value as object, () => text)
}

async function read(kind: DisasterKind, args: Arguments): Promise<DisasterAct> {
  const { actOf } = await import('../../lib/operations/disaster/document.ts')
  const hash = need(args, 'confirm', kind).toLowerCase()
  const named = kind === 'cold-start' ? 'to' : 'node'
  const node = disasterActs[kind].node ? need(args, named, kind) : undefined
  return actOf({ kind, hash, node, againstVote: args['against-vote'] ?? false })
}

function need(args: Arguments, name: 'confirm' | 'to' | 'node', act: Act): string {
  const value = args[name]
  if (value === undefined) throw new UsageError(`disaster ${act} needs --${name}`, 'See "baton disaster --help".')
  return value
}
