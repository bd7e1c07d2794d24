import * as v from 'valibot'
import { RefusedActError } from '../../operator/errors.ts'
import type { Actor, NodeName } from '../../protocol/records.ts'
import { signalWithin } from '../../signal-within.ts'
import type { BackfillPorts } from '../backfill/ports.ts'
import { renderProgress } from '../backfill/text.ts'
import { InvalidInputError } from '../engine/errors.ts'
import type { Call, Came, Operation } from '../engine/operation.ts'
import { type Attempts, attemptNext, formatSteps, observeDamage, restoredAt } from './attempt.ts'
import { damageKinds, remedies } from './choose-remedy.ts'
import { formatDamage } from './classify.ts'
import { type RecoveryInput, recoveryDocument, recoveryInput } from './document.ts'
import { RecoveryFailedError, StepWithoutEffectError } from './errors.ts'
import type { Recovering } from './ports.ts'
import { BATON, CarriedElsewhereError, releaseQuarantine } from './quarantine.ts'
import { beginRecovery, endRecovery, giveUp, planRecovery, putBackSequencing, recoveringOf } from './recover.ts'
import { requestedNodes } from './requests.ts'
import { renderRemedy } from './text.ts'

const number = v.pipe(
  v.union([v.string(), v.bigint()]),
  v.transform((digits) => BigInt(digits)),
)
const hash = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{64}$/, 'must be a hash')) as unknown as v.GenericSchema<
  unknown,
  `0x${string}`
>
const method = v.picklist(remedies)

/** How far a recovery has come; block numbers are decimal strings in JSON. */
const attempts = v.object({
  startedAt: v.number(),
  from: number,
  tried: v.array(v.object({ method, kind: v.picklist(damageKinds), at: number })),
  steps: v.array(v.object({ method, outcome: v.string(), ms: v.number(), failed: v.boolean() })),
  foreign: v.exactOptional(hash),
}) satisfies v.GenericSchema<unknown, Attempts>

const state = v.object({
  /** The node of a monitor's recovery request; an operator's node is in the input. */
  node: v.optional(v.string()),
  attempts: v.optional(attempts),
  /** The damage found first. */
  damage: v.optional(v.object({ kind: v.picklist(damageKinds), text: v.string() })),
  verified: v.optional(v.object({ at: v.object({ number, hash }), compared: v.number(), canary: v.string() })),
  /** Why the last node was given up, or which other run has it. */
  gaveUp: v.optional(v.string()),
  elsewhere: v.optional(v.string()),
})

/** The state passed from step to step. */
export type RecoveryState = v.InferOutput<typeof state>
type At = Call<BackfillPorts, RecoveryInput, RecoveryState>

/** An attempt yields to the next call before Lambda ends it, in ms. */
const METHOD_MS = 800_000
const METHOD_SECONDS = 880
/** An alarm fires once, so a refused recovery is retried once a minute for an hour. */
const MOST_TRIES = 60

/**
 * Recovers a node after a crash, one remedy at a time. Without a named node it serves all recovery requests of the
 * monitors, one after the other. Progress is what the node shows, so each step can be repeated.
 */
export const crashRecovery: Operation<BackfillPorts, RecoveryInput, RecoveryState> = {
  name: 'CrashRecovery',
  comment: 'Baton: crash recovery',
  handlerSeconds: 870,
  timeoutSeconds: 10_800,
  document: recoveryDocument,
  input: recoveryInput,
  state,
  start: 'Is a node named?',
  nodes: {
    'Is a node named?': { given: 'node', yes: 'Name the damage', no: 'Pick a node' },
    'Pick a node': {
      does: 'find a damaged node that a monitor asks to be recovered, if none is named',
      run: pick,
      seconds: 120,
      next: 'Any asked for?',
      failed: 'Asked by a person?',
    },
    'Any asked for?': {
      outcomes: { picked: 'Name the damage', 'gave-up': 'Not recovered', elsewhere: 'Another has it' },
      otherwise: 'Nothing to do',
    },
    'Name the damage': {
      does: 'name the damage and exclude the node from eligibility',
      run: begin,
      seconds: 120,
      next: 'Anything to do?',
      failed: 'Asked by a person?',
    },
    'Anything to do?': {
      outcomes: {
        'nothing-to-do': 'Nothing to do',
        sequences: 'Nothing to do',
        planned: 'Would recover',
        elsewhere: 'Another has it',
        // The node is well by now, or another run has it; there may be a request for another node.
        'next-node': 'Count the try',
      },
      otherwise: 'Try the next method',
    },
    // A person gets the refusal at once. An alarm fires only once: what is refused now may be allowed soon.
    'Asked by a person?': { given: 'node', yes: 'Not begun', no: 'Count the try' },
    'Count the try': { most: MOST_TRIES, enough: 'Enough tries?', again: 'Wait a minute', after: 'Unfinished' },
    'Wait a minute': { waitSeconds: 60, next: 'Pick a node' },
    'Try the next method': {
      does: 'carry out the next remedy against what is found, from harmless to drastic',
      run: attempt,
      seconds: METHOD_SECONDS,
      sliceMs: METHOD_MS,
      next: 'At the head?',
      failed: 'Give up',
    },
    'At the head?': { outcomes: { 'at-the-head': 'Prove it' }, otherwise: 'Try the next method' },
    'Prove it': {
      does: 'compare hashes, read the state, have a block built, and make the node eligible again',
      run: prove,
      seconds: METHOD_SECONDS,
      next: 'One node only?',
      failed: 'Give up',
    },
    'One node only?': { given: 'node', yes: 'Recovered', no: 'Pick a node' },
    'Give up': {
      does: 'if nothing helps: keep the node out of eligibility and page',
      run: stop,
      seconds: 60,
      next: 'This node only?',
      failed: 'Not recovered',
    },
    // The node stays in quarantine. A request for another node need not wait for a new alarm.
    'This node only?': {
      outcomes: { 'next-node': 'Pick a node', sequences: 'Nothing to do' },
      otherwise: 'Not recovered',
    },
    'Nothing to do': { end: 'succeeded', comment: 'The node works' },
    'Another has it': { end: 'succeeded', comment: 'Another recovery is at work on the node; nothing was changed' },
    'Would recover': { end: 'succeeded', comment: 'Dry run: nothing was changed' },
    Recovered: { end: 'succeeded', comment: 'The node was proved to work, and is eligible again' },
    'Not begun': { end: 'failed', error: 'RecoveryNotBegun', why: 'error' },
    Unfinished: {
      end: 'failed',
      error: 'RecoveryNotBegun',
      why: { text: 'It could not begin within an hour. See the history of the chain for what stood in its way.' },
    },
    'Not recovered': {
      end: 'failed',
      comment: 'The node stays out; others that were asked for were recovered',
      error: 'NotRecovered',
      why: 'error',
    },
  },
}

/** Finds a requested node that is still damaged. */
async function pick({ ports, state: { gaveUp, elsewhere } }: At): Promise<Came> {
  const fresh = { node: undefined, attempts: undefined, damage: undefined, verified: undefined }
  for (const node of await requestedNodes(ports)) {
    const damage = await planRecovery(ports, node).then(
      (plan) => plan.damage,
      (error: unknown) => {
        // It sequences by now: examine the next one.
        if (error instanceof RefusedActError) return undefined
        throw error
      },
    )
    if (damage && damage.kind !== 'none')
      return { outcome: 'picked', text: formatDamage(damage), state: { ...fresh, node } }
  }
  if (gaveUp !== undefined) return { outcome: 'gave-up', text: gaveUp, state: fresh }
  if (elsewhere !== undefined) return { outcome: 'elsewhere', text: elsewhere, state: fresh }
  return { outcome: 'nothing-to-do', text: 'no monitor asks for a recovery', state: fresh }
}

async function begin(at: At): Promise<Came> {
  const { ports, input } = at
  const node = nodeOf(at)
  if (input.dryRun) {
    const { damage, remedies: rungs } = await planRecovery(ports, node)
    const remedies = rungs.map(({ method, obstacle }) => (obstacle ? `${method} (cannot: ${obstacle})` : method))
    const text = `${formatDamage(damage)}; would try ${remedies.join(', ') || 'nothing'}`
    return { outcome: 'planned', text }
  }
  const named = input.node !== undefined
  const recovering = recoveringAt(at)
  try {
    const { damage, begun } = await beginRecovery(recovering)
    const text = formatDamage(damage)
    const found = { damage: { kind: damage.kind, text } }
    if (begun) return { outcome: 'begun', text, state: { ...found, attempts: begun } }
    return { outcome: named ? 'nothing-to-do' : 'next-node', text, state: found }
  } catch (error) {
    // Alarms are delivered at least once, and another run has this node. A person is refused.
    if (error instanceof CarriedElsewhereError && recovering.actor.kind === 'baton') {
      return { outcome: named ? 'elsewhere' : 'next-node', text: error.message, state: { elsewhere: error.message } }
    }
    if (!(await putBackSequencing(recovering))) throw error
    return { outcome: named ? 'sequences' : 'next-node', text: 'it sequences' }
  }
}

async function attempt(at: At): Promise<Came> {
  const { signal, report } = at
  const before = climbOf(at)
  if (signal.aborted) throw new RecoveryFailedError(nodeOf(at), 'it was interrupted', formatSteps(before.steps))
  const { attempts: now, restored } = await attemptNext(recoveringAt(at), before, (method, damage) =>
    report(renderRemedy(method, damage)),
  )
  const last = now.steps.at(-1)
  const text = last ? `${last.method}: ${last.outcome}` : 'nothing was tried yet'
  return { outcome: restored ? 'at-the-head' : 'attempted', text, state: { attempts: now } }
}

async function prove(at: At): Promise<Came> {
  const recovering = recoveringAt(at)
  // A step that was cut short may be called again minutes later, so the node is observed again.
  const { damage, head } = await observeDamage(recovering)
  if (!('latest' in damage)) {
    throw new StepWithoutEffectError(recovering.node, 'the recovery', 'reached the head', formatDamage(damage))
  }
  const verified = await endRecovery(recovering, climbOf(at), restoredAt(head, damage.latest))
  const { at: block, compared, canary } = verified
  const text = `block ${block.number} ${block.hash}, ${compared} hashes compared, ${canary}`
  return { outcome: 'recovered', text, state: { verified } }
}

/** An interrupted run or a silent store says nothing about the node: the next monitor begins again. */
async function stop(at: At): Promise<Came> {
  const { error, signal, input } = at
  const text = error?.Cause ?? 'it failed'
  const recovering = { ...recoveringAt(at), signal: new AbortController().signal }
  if (signal.aborted || error?.Error === 'StoreUnavailableError') {
    await releaseQuarantine(recovering)
    return { outcome: 'interrupted', text, state: { gaveUp: text } }
  }
  const gaveUp = await giveUp(recovering, climbOf(at), new Error(text))
  if (gaveUp === 'sequences') return { outcome: input.node === undefined ? 'next-node' : 'sequences', text }
  return { outcome: input.node === undefined ? 'next-node' : 'gave-up', text, state: { gaveUp: text } }
}

function recoveringAt(at: At): Recovering {
  const { ports, input, owner, signal, progress, sliceMs } = at
  const { by = 'the crash recovery workflow' } = input
  const actor: Actor = by === BATON.name ? BATON : { kind: 'operator', name: by }
  return recoveringOf(ports, nodeOf(at), {
    actor,
    owner,
    signal: signalWithin(sliceMs, signal),
    onProgress: (so) => progress(renderProgress(so)),
  })
}

function nodeOf({ input, state }: At): NodeName {
  const node = input.node ?? state.node
  if (node !== undefined) return node
  throw new InvalidInputError(['node: must be what the first step returned'])
}

function climbOf({ state: { attempts } }: At): Attempts {
  if (attempts) return attempts
  throw new InvalidInputError(['attempts: must be what the last step returned'])
}
