import type { Snapshot } from '../context/inspect.ts'
import type { Reason, ReasonCode } from '../protocol/reason.ts'
import { DEFAULT_RUNBOOK } from '../runbook.ts'
import { formatReason } from './format.ts'
import { gatherNodes } from './nodes.ts'

/** What a person does about a page. */
export type DoThis = {
  /** The reason that pages, as a sentence. */
  readonly why: string
  /** What to do, imperative, without a full stop. */
  readonly todo: string
  /** A command to copy. */
  readonly command?: string
  /** The operator's act that does it, where a page can offer its button. */
  readonly act?: { readonly act: string; readonly input: Readonly<Record<string, string>> }
  /** The section of docs/runbooks.md. */
  readonly runbook: string
}

type Remedy = Omit<DoThis, 'why'>
type About = { readonly reason: Reason; readonly node: string; readonly snapshot: Snapshot }

const ACTION = 'operator-action-required'
const DISASTER = 'disaster-recovery-automation-cannot-proceed'
const survey = (todo: string): Remedy => ({ todo, command: 'baton disaster survey', runbook: DISASTER })
const resume = (todo: string): Remedy => ({
  todo,
  command: 'baton resume',
  act: { act: 'resume', input: {} },
  runbook: 'no-new-block',
})
const restart =
  (what: string, runbook = 'no-eligible-standby') =>
  ({ node }: About): Remedy => ({ todo: `Restart ${what} on ${node || 'the node'}`, runbook })
const wiring =
  (todo: string) =>
  ({ node }: About): Remedy => ({ todo: `${todo} on ${node}, then restart its op-node`, runbook: ACTION })

/** What to do by the code of the reason. */
const remedies: { readonly [code in ReasonCode]?: Remedy | ((about: About) => Remedy) } = {
  paused: ({ reason }) => resume(`Ask ${reason.evidence.by} whether the work is done, then resume Baton`),
  held: ({ reason }) => resume(`Ask ${reason.evidence.by} why sequencing is pinned, then resume Baton`),
  'budget-used': {
    todo: 'Find what keeps failing, then order the move yourself: an operator’s move is not counted',
    command: 'baton switchover',
    act: { act: 'switchover', input: {} },
    runbook: 'flap-budget-used-up',
  },
  cooldown: {
    todo: 'Read in an op-node’s log why no node committed; Baton tries every node again after the cool-down',
    runbook: 'no-new-block',
  },
  'all-failed': { todo: 'Read in one node’s op-node log what its engine refuses', runbook: 'no-new-block' },
  'no-first-commit': ({ node }) => ({
    todo: `Read in the op-node log of ${node || 'the leader'} why it commits nothing`,
    runbook: 'no-new-block',
  }),
  stalled: ({ node }) => ({ todo: `Read the op-node log of ${node || 'the leader'}`, runbook: 'no-new-block' }),
  'no-block': {
    todo: 'Read the reason beside it: it says what Baton waits for',
    command: 'baton explain',
    runbook: 'no-new-block',
  },
  'cut-off': {
    todo: 'Check the network path from Baton to the nodes: subnets, routes, security groups. Do not move anything',
    runbook: 'no-new-block',
  },
  'chain-reset': ({ snapshot }) => ({
    todo: `If the chain was reset on purpose, delete what Baton has of the old one: stop Baton, remove its data folder (of "baton start": .baton/${snapshot.chain.id}), start it again. If not, correct the URLs in the configuration`,
    runbook: 'the-chain-was-reset',
  }),
  'store-silent': {
    todo: 'Check DynamoDB, by what it answered last, and the network path to it: no block can be committed',
    runbook: 'no-new-block',
  },
  'monitor-errors': { todo: 'Read the newest error in the monitor’s log', runbook: 'monitor-errors' },
  ingress: { todo: 'Check the gate and the network path to it: no node can commit', runbook: 'gate-errors' },
  'l1-frozen': {
    todo: 'Check the L1 endpoint of the nodes. Do not switch over: every node would stall',
    runbook: 'l1-stale',
  },
  'l1-endpoint': { todo: 'Give the nodes another L1 endpoint: theirs has stalled, L1 has not', runbook: 'l1-stale' },
  'l1-reorg': { todo: 'Wait for L1: Baton follows once most nodes have left the block', runbook: ACTION },
  'consensus-refused': restart('op-node'),
  'consensus-silent': restart('op-node'),
  'consensus-reset': restart('op-node'),
  'execution-refused': restart('the execution client'),
  'execution-silent': restart('the execution client'),
  'execution-reset': restart('the execution client'),
  'not-sequencing': restart('op-node'),
  'start-failed': restart('op-node', 'no-new-block'),
  quarantined: ({ node, reason }) => ({
    todo: `Ask ${reason.evidence.by} whether ${node} is fit again, then release it`,
    command: `baton quarantine ${node} --lift`,
    act: { act: 'release', input: { node } },
    runbook: 'no-eligible-standby',
  }),
  'head-missing': survey('Name the head: look at what every node still has'),
  'records-lost': survey(
    'Name the head: look at what every node still has. If the chain was reset on purpose, delete its history and archive instead',
  ),
  'head-unacceptable': survey('Go back to the block below: run the command in the reason'),
  'left-head': survey('Compare what the nodes have with the committed head, and decide'),
  'bad-payload': {
    todo: 'Keep the nodes that have the block running; see the runbook for the way back',
    runbook: 'bad-payload',
  },
  overridden: ({ node }) => ({
    todo: `End the override: Baton grants nothing until then`,
    command: `baton disaster return --node ${node}`,
    runbook: 'return',
  }),
  forked: ({ node }) => ({
    todo: `Do not start ${node}. Repair it: it leaves its branch and gets the committed blocks`,
    command: `baton recover ${node}`,
    runbook: ACTION,
  }),
  ahead: ({ node }) => ({ todo: `Do not start ${node}: it has a block that was never committed`, runbook: ACTION }),
  'published-uncommitted': ({ node }) => ({ todo: `Stop the consensus client of ${node} now`, runbook: ACTION }),
  'breaks-promise': ({ node }) => ({ todo: `Stop the sequencer of ${node}, and run op-node there`, runbook: ACTION }),
  'no-effect': ({ node }) => ({ todo: `End op-node on ${node || 'that node'} by hand`, runbook: ACTION }),
  'takes-nothing': ({ node }) => ({
    todo: `Read in the op-node log of ${node} why it refuses the blocks, restart it, then fill in what it lacks`,
    command: `baton backfill ${node}`,
    runbook: ACTION,
  }),
  'no-peers': ({ node }) => ({
    todo: `Restore the peers of ${node}: firewall, p2p port, opp2p_peerStats`,
    runbook: ACTION,
  }),
  isolated: ({ node }) => ({ todo: `Check the p2p port, peers and firewall of ${node}`, runbook: ACTION }),
  unproved: ({ node }) => ({
    todo: `Restart op-node on ${node}: it alone names a block it cannot show`,
    runbook: ACTION,
  }),
  'block-clock': ({ node }) => ({ todo: `Check the clock of ${node} (chronyc tracking)`, runbook: 'clock-skew' }),
  'own-clock': { todo: 'Check the clock of the monitor’s machine', runbook: 'clock-skew' },
  'gate-clock': { todo: 'Check the clock of the gate’s machine', runbook: 'clock-skew' },
  'gate-unreachable': wiring('Correct host, path and secret in --conductor.rpc'),
  'gate-misled': wiring('Correct --conductor.rpc'),
  'gate-misnamed': wiring('Give --conductor.rpc the node’s own name and secret'),
  'no-conductor': wiring('Set --conductor.enabled and --conductor.rpc'),
  'no-sequencer': wiring('Set --sequencer.enabled and --sequencer.stopped'),
  'other-chain': ({ node }) => ({ todo: `Correct the URL of ${node} in the configuration`, runbook: ACTION }),
  'other-genesis': ({ node }) => ({ todo: `Check what runs behind the URLs of ${node}`, runbook: ACTION }),
  'window-closing': {
    todo: 'Get the batcher to post: L1 replaces the blocks when the window closes',
    runbook: 'window-closing',
  },
  'window-over': { todo: 'Get the batcher to post now', runbook: 'window-closing' },
  'drift-closing': {
    todo: 'Check the L1 endpoint of the leader: its L1 origin does not advance',
    runbook: 'drift-closing',
  },
  'drift-over': {
    todo: 'Check the L1 endpoint of the leader: its L1 origin does not advance',
    runbook: 'drift-closing',
  },
  'batcher-silent': { todo: 'Check the batcher', runbook: 'safe-head-behind' },
  'poster-poor': ({ reason }) => ({ todo: `Send ether to ${reason.evidence.address}`, runbook: 'poster-poor' }),
  'poster-empty': ({ reason }) => ({
    todo: `Send ether to ${reason.evidence.address} now`,
    runbook: 'poster-nearly-empty',
  }),
}

/** What to do about each reason that pages, most important first; each thing once. */
export function doThis(snapshot: Snapshot): readonly DoThis[] {
  const { page } = snapshot.decision
  const causes = page.filter(({ code }) => !SYMPTOMS.has(code))
  const steps = (causes.length > 0 ? causes : page).flatMap((reason) => stepsOf(reason, snapshot))
  const others = new Set(steps.filter(({ why }) => why !== NO_STANDBY).map(({ todo }) => todo))
  const once = steps.filter(
    ({ todo, why }, i) => steps.findIndex((each) => each.todo === todo && each.why === why) === i,
  )
  // A node that pages by itself has its step there; a reason never loses its last one.
  const kept = once.filter(({ todo, why }) => why !== NO_STANDBY || !others.has(todo))
  return kept.some(({ why }) => why === NO_STANDBY) ? kept : once
}

/** What follows from another reason: nothing is to be done about it beside that one. */
const SYMPTOMS: ReadonlySet<ReasonCode> = new Set(['late', 'no-block'])
const NO_STANDBY = formatReason({ code: 'no-candidate', evidence: {} })

function stepsOf(reason: Reason, snapshot: Snapshot): readonly DoThis[] {
  const why = formatReason(reason)
  if (reason.code === 'no-candidate') return bringBack(why, snapshot)
  return [{ why, ...remedyOf(reason, reason.node ?? '', snapshot) }]
}

function remedyOf(reason: Reason, node: string, snapshot: Snapshot): Remedy {
  const known = remedies[reason.code]
  const unknown = { todo: 'Read the evidence and the runbook', command: 'baton explain', runbook: ACTION }
  return typeof known === 'function' ? known({ reason, node, snapshot }) : (known ?? unknown)
}

/** No standby: one line for each node that could be one, the quickest first. */
function bringBack(why: string, snapshot: Snapshot): readonly DoThis[] {
  const { decision } = snapshot
  const rank = ({ code }: Reason) => (code === 'quarantined' ? 0 : 1)
  const lines = gatherNodes(snapshot)
    .filter(({ eligible }) => !eligible)
    .flatMap(({ name }) => {
      const reasons = decision.verdicts.find(({ node }) => node === name)?.reasons ?? []
      const found = reasons.toSorted((a, b) => rank(a) - rank(b)).find(({ code }) => remedies[code])
      return found ? [{ first: rank(found), why, ...remedyOf(found, name, snapshot) }] : []
    })
  if (lines.length === 0)
    return [{ why, todo: 'Bring a standby back', command: 'baton explain', runbook: 'no-eligible-standby' }]
  return lines.toSorted((a, b) => a.first - b.first).map(({ first: _, ...line }) => line)
}

/** A step as one line for a terminal, with the command and the link to the runbook. */
export const formatDoThis = ({ todo, command, runbook }: DoThis): string =>
  `${todo}${command === undefined ? '' : `: ${command}`} (${DEFAULT_RUNBOOK}#${runbook})`
