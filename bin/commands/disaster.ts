import { defineCommand } from 'citty'
import type { ChainPorts } from '../../lib/monitor/ports.ts'
import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { type Globals, globals } from '../globals.ts'

/** What can be done; each is one function of lib/disaster. */
const acts = ['survey', 're-seed', 'cold-start', 'override', 'return', 'to-op-conductor'] as const
type Act = (typeof acts)[number]

/** What each would do, and what it would check first. */
const plans: Readonly<Record<Act, string>> = {
  survey: '',
  're-seed':
    'check that a node or the archive has the block and the votes are for it, make it the head under a new term, and let Baton grant',
  'cold-start':
    'check that a node or the archive has the block and the votes are for it, make it the head under a new term, and grant --to, fit or not',
  override:
    'check that the block is the head, stop whoever else sequences and see them stopped, pause Baton, close the head to everybody, and let --node publish without commits',
  return:
    'stop --node, check that each of its blocks above the head is the child of the one before, archive them, make the last one the head, restart its op-node if its machine takes steps, and let Baton grant',
  'to-op-conductor':
    'check that the block is a recent one of this chain, pause Baton, stop the holder, close the head to everybody, and name the block to start from',
}

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
    'against-vote': { type: 'boolean', description: 're-seed, cold-start: a block the votes are not for' },
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
  const { write } = await import('../write.ts')
  const { operatorName } = await import('../connect.ts')
  const by = operatorName()
  switch (args['dry-run'] ? 'survey' : act) {
    case 'survey': {
      const { surveyChain } = await import('../../lib/disaster/survey.ts')
      const { tellSurvey } = await import('../../lib/disaster/tell.ts')
      const survey = await surveyChain(ports)
      const { view: _, ...shown } = survey
      const would = plans[act]
      return write(args, { ...shown, would }, () => `${tellSurvey(survey)}${would ? `\nwould ${would}` : ''}`)
    }
    case 're-seed':
    case 'cold-start': {
      const { placeHead } = await import('../../lib/disaster/place-head.ts')
      const { tellCandidate } = await import('../../lib/disaster/tell.ts')
      const to = act === 'cold-start' ? { to: need(args, 'to', act) } : {}
      const againstVote = args['against-vote'] === true
      const placed = await placeHead(ports, { hash: need(args, 'confirm', act), by, againstVote, ...to })
      return write(args, placed, () => `the head is ${tellCandidate(placed, ports.nodes.length)}`)
    }
    case 'override': {
      const { overrideLeader } = await import('../../lib/disaster/override.ts')
      const node = need(args, 'node', act)
      const head = await overrideLeader(ports, { node, hash: need(args, 'confirm', act), by })
      const way = head ? 'Baton is paused' : 'no record could be read: write down who did this, and when'
      return write(
        args,
        { node, head },
        () => `${node} publishes without commits; ${way}. The way back: baton disaster return`,
      )
    }
    case 'return': {
      const { returnFromOverride } = await import('../../lib/disaster/return.ts')
      const node = need(args, 'node', act)
      const came = await returnFromOverride(ports, { node, hash: need(args, 'confirm', act), by })
      const rest = came.restarted
        ? 'its op-node was restarted'
        : `restart its op-node, then "baton quarantine ${node} --lift"`
      const { adopted, tip } = came
      return write(args, came, () => `${adopted} blocks adopted, the head is ${tip.number} ${tip.hash}; ${rest}`)
    }
    case 'to-op-conductor': {
      const { leaveToOpConductor } = await import('../../lib/disaster/leave.ts')
      const last = await leaveToOpConductor(ports, { hash: need(args, 'confirm', act), by })
      const next = `wire a node that has it to its op-conductor, then admin_startSequencer("${last.hash}") there`
      return write(args, last, () => `handed over at block ${last.number}: ${next}`)
    }
  }
}

function need(args: Arguments, name: 'confirm' | 'to' | 'node', act: Act): string {
  const value = args[name]
  if (value === undefined) throw new UsageError(`disaster ${act} needs --${name}`, 'See "baton disaster --help".')
  return name === 'confirm' ? value.toLowerCase() : value
}
