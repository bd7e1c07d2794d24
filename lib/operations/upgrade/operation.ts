import * as v from 'valibot'
import type { ChainPorts } from '../../context/ports.ts'
import { withHeartbeat } from '../../context/retry.ts'
import { RefusedActError } from '../../operator/errors.ts'
import type { NodeName } from '../../protocol/records.ts'
import { InvalidInputError } from '../engine/errors.ts'
import type { Call, Came, Operation, Step } from '../engine/operation.ts'
import { type UpgradeInput, upgradeDocument, upgradeInput } from './document.ts'
import { askForLead, seeLast, seeLead } from './lead.ts'
import { awaitFit, install, installEnded, putBack, takeOut } from './node.ts'
import { orderOf, type UpgradeOrder, UpgradeStopped } from './order.ts'
import { claimUpgrade, endUpgrade, releaseUpgrade, sayUpgrading } from './owner.ts'
import { previewUpgrade, stepsLeft, subjectOf } from './preview.ts'
import { note } from './progress.ts'
import { renderUpgradePlan, renderUpgradeStep } from './text.ts'

/** A node under upgrade: the id of the step on its machine, and when it was observed to end (Unix ms). */
const upgrading = v.object({
  node: v.string(),
  before: v.array(v.string()),
  since: v.number(),
  command: v.optional(v.string()),
  endedAt: v.optional(v.number()),
})

/** A move of the lead: the requested switchover, and when the new leader was first observed to lead (Unix ms). */
const lead = v.object({
  from: v.string(),
  to: v.string(),
  id: v.optional(v.string(), ''),
  term: v.optional(v.number(), 0),
  since: v.optional(v.number()),
})

const state = v.object({
  /** What blocks it, according to the plan. */
  obstacles: v.optional(v.array(v.string()), []),
  /** The steps of the plan that have begun, as text; the last one is under way. */
  taken: v.optional(v.array(v.string()), []),
  /** The steps after those. */
  remaining: v.optional(v.array(v.string()), []),
  upgrading: v.optional(upgrading),
  lead: v.optional(lead),
})

/** The state passed from step to step. */
export type UpgradeState = v.InferOutput<typeof state>
type At = Call<ChainPorts, UpgradeInput, UpgradeState>

/** A call waits for 40 s at most, and observes every node before and after. */
const SECONDS = 90
/** Polling interval for the step on a machine, ms. */
const ASK_MS = 2_000
/** SSM ends the step after 15 minutes. A step whose end is not observed long after that is lost. */
const MOST_INSTALL_MS = 1_200_000

/** A step of a running upgrade. Any failure stops it, and so does another upgrade that takes over. */
const step = (
  does: string,
  run: (at: At) => Promise<Came>,
  next: string,
): Step<ChainPorts, UpgradeInput, UpgradeState> => ({
  does,
  run: (at) => whileUpgrading(at.ports, orderAt(at), subjectAt(at), () => run(at)),
  seconds: SECONDS,
  next,
  failed: 'Stop',
})

/**
 * A rolling upgrade: standbys one at a time, a switchover, then the old leader. It stops at the first failure, with the
 * chain sequencing and the failed node excluded. It records its progress, so that another run can resume it.
 */
export const upgrade: Operation<ChainPorts, UpgradeInput, UpgradeState> = {
  name: 'Upgrade',
  comment: 'Baton: rolling upgrade',
  handlerSeconds: 85,
  timeoutSeconds: 21_600,
  document: upgradeDocument,
  input: upgradeInput,
  state,
  start: 'Plan',
  nodes: {
    Plan: {
      does: 'plan what is left, and check that nothing stands against it',
      run: plan,
      seconds: SECONDS,
      next: 'Anything in the way?',
      failed: 'Not planned',
    },
    'Anything in the way?': {
      outcomes: { blocked: 'Blocked', 'nothing-to-do': 'Nothing to do' },
      otherwise: 'Dry run?',
    },
    'Dry run?': { given: 'dryRun', yes: 'Would upgrade', no: 'Begin' },
    Begin: {
      does: 'claim the chain for this upgrade: a second one is refused',
      run: begin,
      seconds: SECONDS,
      // A second call would be refused by the first one's own claim.
      once: true,
      next: 'Find the next step',
      failed: 'Not begun',
    },
    'Find the next step': { ...step('plan again from what is so now', findNext, 'What is next?') },
    'What is next?': {
      outcomes: { upgrade: 'Take the node out', switchover: 'Ask for the lead' },
      otherwise: 'Finish',
    },

    'Take the node out': step('exclude the node from eligibility', takeNodeOut, 'Install'),
    // The effect of an unanswered call is unknown: a person must check.
    Install: { ...step('install the version on its machine', beginNode, 'See it installed'), once: true },
    'See it installed': step('wait for the end of the step on its machine', seeInstalled, 'Installed?'),
    'Installed?': { outcomes: { installed: 'See it fit' }, otherwise: 'See it installed' },
    'See it fit': step('wait until the node is fit and at the head', seeFit, 'Fit?'),
    'Fit?': { outcomes: { fit: 'Put the node back' }, otherwise: 'See it fit' },
    'Put the node back': step('make the node eligible again', putNodeBack, 'Find the next step'),

    'Ask for the lead': step('ask the monitor to move sequencing to an upgraded node', askNewLead, 'See it lead'),
    'See it lead': step('wait until it commits a block of its own term', seeNewLead, 'See it last'),
    'See it last': step('watch it lead for a while', seeLeadLast, 'Did it last?'),
    'Did it last?': { outcomes: { lasted: 'Find the next step' }, otherwise: 'See it last' },

    Finish: step('record that every node is upgraded', finish, 'Upgraded'),
    Stop: {
      does: 'if anything fails: record why, and release the chain',
      run: stop,
      seconds: SECONDS,
      next: 'Stopped',
      failed: 'Stopped',
    },
    'Nothing to do': { end: 'succeeded', comment: 'Every node is upgraded already' },
    'Would upgrade': { end: 'succeeded', comment: 'Dry run: nothing was changed' },
    Upgraded: { end: 'succeeded', comment: 'Every node is upgraded, and was seen fit afterwards' },
    Blocked: { end: 'failed', error: 'UpgradeNotBegun', why: 'text' },
    'Not planned': { end: 'failed', error: 'UpgradeNotPlanned', why: 'error' },
    'Not begun': { end: 'failed', error: 'UpgradeNotBegun', why: 'error' },
    Stopped: { end: 'failed', error: 'UpgradeStopped', why: 'error' },
  },
}

async function plan(at: At): Promise<Came> {
  const order = orderAt(at)
  const preview = await previewUpgrade(at.ports, order)
  const { steps, obstacles, warnings } = preview
  for (const each of warnings) at.report(`warning: ${each}`)
  const outcome = obstacles.length > 0 ? 'blocked' : steps.length > 0 ? 'planned' : 'nothing-to-do'
  return { outcome, text: renderUpgradePlan(preview, order), state: { obstacles } }
}

async function begin(at: At): Promise<Came> {
  const order = orderAt(at)
  await beginUpgrade(at.ports, order)
  return { outcome: 'begun', text: `to ${order.to}, by ${order.by}` }
}

/**
 * Records that an upgrade begins or resumes, unless something blocks it. Of two that begin at once, one is refused.
 *
 * @throws RefusedActError
 */
export async function beginUpgrade(ports: ChainPorts, order: UpgradeOrder): Promise<void> {
  const { steps, obstacles } = await previewUpgrade(ports, order)
  if (obstacles.length > 0) throw new RefusedActError(`not begun: ${obstacles.join('; ')}`, 'see "baton status"')
  await claimUpgrade(ports, order)
  await note(ports, order, order.resume ? 'resumed' : 'begun', `${steps.length} steps`)
}

async function findNext(at: At): Promise<Came> {
  const { ports, signal, report, state: before } = at
  const order = orderAt(at)
  const [next, ...left] = await stepsLeft(ports, order, before.taken.length)
  const labels = left.map((each) => renderUpgradeStep(each, order.to))
  if (!next) return { outcome: 'nothing-left', text: 'nothing left to do', state: { remaining: [] } }
  if (signal.aborted)
    throw new UpgradeStopped(
      subjectOf(next),
      'asked to stop before it was touched',
      'continue with "baton upgrade --resume"',
    )
  const text = renderUpgradeStep(next, order.to)
  report(`${text} …`)
  const so = { taken: [...before.taken, text], remaining: labels }
  if (next.step === 'upgrade') {
    const node = { node: next.node, before: [], since: ports.clock.now() }
    return { outcome: 'upgrade', text, state: { ...so, upgrading: node, lead: undefined } }
  }
  return { outcome: 'switchover', text, state: { ...so, upgrading: undefined, lead: { from: next.from, to: next.to } } }
}

async function takeNodeOut(at: At): Promise<Came> {
  const { node, before, since } = await takeOut(at.ports, orderAt(at), nodeAt(at).node)
  return { outcome: 'out', text: `${node} is excluded`, state: { upgrading: { node, before, since } } }
}

async function beginNode(at: At): Promise<Came> {
  const node = nodeAt(at)
  const command = await install(at.ports, orderAt(at), node.node)
  const more = command === undefined ? { endedAt: at.ports.clock.now() } : { command }
  const text =
    command === undefined ? `installed on ${node.node}` : `command ${command} runs on the machine of ${node.node}`
  return { outcome: 'begun', text, state: { upgrading: { ...node, ...more } } }
}

async function seeInstalled(at: At): Promise<Came> {
  const { ports, sliceMs } = at
  const { clock } = ports
  const node = nodeAt(at)
  const { command, since } = node
  if (node.endedAt !== undefined) return { outcome: 'installed', text: node.node }
  if (command === undefined) throw new InvalidInputError(['upgrading.command: is what "Install" left'])
  for (const end = clock.now() + sliceMs; !(await installEnded(ports, orderAt(at), node.node, command)); ) {
    if (clock.now() > since + MOST_INSTALL_MS) throw new UpgradeStopped(node.node, `command ${command} has no end`)
    if (clock.now() > end) return { outcome: 'installing', text: node.node }
    await clock.sleep(Math.min(ASK_MS, sliceMs))
  }
  return { outcome: 'installed', text: node.node, state: { upgrading: { ...node, endedAt: clock.now() } } }
}

async function seeFit(at: At): Promise<Came> {
  const { ports, sliceMs } = at
  const { node, endedAt: from = ports.clock.now() } = nodeAt(at)
  const fit = await awaitFit(ports, orderAt(at), node, { from, sliceMs })
  return { outcome: fit ? 'fit' : 'not-yet', text: node }
}

async function putNodeBack(at: At): Promise<Came> {
  const node = nodeAt(at)
  await putBack(at.ports, orderAt(at), node)
  return { outcome: 'back', text: `${node.node} is eligible again`, state: { upgrading: undefined } }
}

async function askNewLead(at: At): Promise<Came> {
  const lead = leadAt(at)
  const { id, term } = await askForLead(at.ports, orderAt(at), lead.to)
  return { outcome: 'asked', text: `${lead.to} is to lead`, state: { lead: { ...lead, id, term } } }
}

async function seeNewLead(at: At): Promise<Came> {
  const lead = leadAt(at)
  await seeLead(at.ports, lead, lead.to)
  return { outcome: 'leads', text: `${lead.to} leads`, state: { lead: { ...lead, since: at.ports.clock.now() } } }
}

async function seeLeadLast(at: At): Promise<Came> {
  const lead = leadAt(at)
  const { since = at.ports.clock.now() } = lead
  const lasted = await seeLast(at.ports, orderAt(at), { ...lead, since }, at.sliceMs)
  return {
    outcome: lasted ? 'lasted' : 'lasting',
    text: lead.to,
    state: { lead: lasted ? undefined : { ...lead, since } },
  }
}

async function finish(at: At): Promise<Came> {
  const order = orderAt(at)
  await note(at.ports, order, 'done', 'every node is upgraded')
  await endUpgrade(at.ports, order)
  return { outcome: 'done', text: `every node is upgraded to ${order.to}` }
}

async function stop(at: At): Promise<Came> {
  const text = at.error?.Cause ?? 'it failed'
  const order = orderAt(at)
  await note(at.ports, order, 'stopped', text, subjectAt(at))
  await releaseUpgrade(at.ports, order)
  return { outcome: 'stopped', text }
}

/**
 * Sends the upgrade's heartbeat while `work` runs. An upgrade that no longer owns the chain's lease entry stops at its
 * next step. Without a node there is nothing to record.
 */
export async function whileUpgrading<T>(
  ports: ChainPorts,
  order: UpgradeOrder,
  node: NodeName | undefined,
  work: () => Promise<T>,
): Promise<T> {
  return node === undefined ? await work() : await withHeartbeat(ports, () => sayUpgrading(ports, order, node), work)
}

const subjectAt = ({ state: { upgrading, lead } }: At): NodeName | undefined => upgrading?.node ?? lead?.to

const orderAt = ({ input, owner }: At): UpgradeOrder => orderOf(input, owner)

function nodeAt({ state }: At) {
  if (state.upgrading) return state.upgrading
  throw new InvalidInputError(['upgrading: must be what the last step returned'])
}

function leadAt({ state }: At) {
  if (state.lead) return state.lead
  throw new InvalidInputError(['lead: must be what the last step returned'])
}
