import * as v from 'valibot'
import type { ChainPorts } from '../../context/ports.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { previewSwitchover } from '../../operator/switchover.ts'
import { readOutcome, switchoverOnce } from '../../operator/switchover-once.ts'
import { formatOutcome } from '../../text/outcome.ts'
import { InvalidInputError } from '../engine/errors.ts'
import type { Call, Came, Operation } from '../engine/operation.ts'
import { type SwitchoverInput, switchoverDocument, switchoverInput } from './document.ts'
import { verify } from './verify.ts'

/** The request, as the step `Request` left it. */
const asked = v.object({
  id: v.string(),
  term: v.number(),
  to: v.exactOptional(v.string()),
  from: v.exactOptional(v.string()),
})
const state = v.object({ asked: v.optional(asked) })
type At = Call<ChainPorts, SwitchoverInput, v.InferOutput<typeof state>>

/** Interval (s) and number of samples of an unfinished switchover: two minutes in all. */
const OBSERVE_SECONDS = 2
const MOST_SAMPLES = 60

/**
 * Moves sequencing to a named node, or to the best standby, at a block boundary. The operation requests and observes;
 * the monitor carries the move out, and reverts it if the target does not commit.
 */
export const switchover: Operation<ChainPorts, SwitchoverInput, v.InferOutput<typeof state>> = {
  name: 'Switchover',
  comment: 'Baton: switchover',
  handlerSeconds: 15,
  timeoutSeconds: 300,
  document: switchoverDocument,
  input: switchoverInput,
  state,
  start: 'Check',
  nodes: {
    Check: {
      does: 'check that the target can take over now',
      run: check,
      seconds: 20,
      next: 'Fit?',
      failed: 'Not checked',
    },
    'Fit?': { outcomes: { fit: 'Dry run?' }, otherwise: 'Unfit' },
    'Dry run?': { given: 'dryRun', yes: 'Would switch over', no: 'Request' },
    Request: {
      does: 'ask the monitor for the move',
      run: request,
      seconds: 20,
      next: 'Wait',
      failed: 'Not requested',
    },
    Wait: { waitSeconds: OBSERVE_SECONDS, next: 'Watch' },
    Watch: {
      does: 'wait until the target commits a block of its own term',
      run: watch,
      seconds: 20,
      next: 'What came of it?',
      failed: 'Not watched',
    },
    'What came of it?': {
      outcomes: {
        moved: 'Verify',
        refused: 'Refused',
        withdrawn: 'Withdrawn',
        'rolled-back': 'Rolled back',
        overtaken: 'Overtaken',
      },
      otherwise: 'Count the samples',
    },
    'Count the samples': { most: MOST_SAMPLES, enough: 'Watched enough?', again: 'Wait', after: 'Unfinished' },
    Verify: {
      does: 'see two more blocks of that term',
      async run({ ports, input }) {
        const { leader, term, number } = await verify(ports, input.to)
        return { outcome: 'verified', text: `${leader} commits in term ${term}, block ${number}` }
      },
      seconds: 20,
      next: 'Switched over',
      failed: 'Not verified',
    },
    'Would switch over': { end: 'succeeded', comment: 'Dry run: nothing was changed' },
    'Switched over': {
      end: 'succeeded',
      comment: 'The new leader committed a block of its own term, and two more',
    },
    Unfit: { end: 'failed', error: 'SwitchoverRefused', why: 'text' },
    Refused: { end: 'failed', error: 'SwitchoverRefused', why: 'text' },
    Withdrawn: { end: 'failed', error: 'SwitchoverRefused', why: 'text' },
    'Rolled back': { end: 'failed', error: 'SwitchoverRolledBack', why: 'text' },
    Overtaken: { end: 'failed', error: 'SwitchoverOvertaken', why: 'text' },
    Unfinished: {
      end: 'failed',
      error: 'SwitchoverUnfinished',
      why: {
        text: 'The request is still pending after two minutes. Check whether a monitor is running. It may still be carried out.',
      },
    },
    'Not checked': { end: 'failed', error: 'SwitchoverNotChecked', why: 'error' },
    'Not requested': { end: 'failed', error: 'SwitchoverNotRequested', why: 'error' },
    'Not watched': { end: 'failed', error: 'SwitchoverNotWatched', why: 'error' },
    'Not verified': { end: 'failed', error: 'SwitchoverNotVerified', why: 'error' },
  },
}

/** Observes the chain and applies the monitor's own rule; changes nothing. */
async function check({ ports, input: { to, by = WORKFLOW } }: At): Promise<Came> {
  const plan = await previewSwitchover(ports, { by, ...(to !== undefined && { to }) })
  if (plan.to === undefined) return { outcome: 'unfit', text: plan.refused }
  return { outcome: 'fit', text: `${plan.to} can take over from ${plan.from || 'no leader'}` }
}

/** A repeated call finds this execution's request by its id. */
async function request({ ports, input: { to, by = WORKFLOW, dryRun }, owner }: At): Promise<Came> {
  if (dryRun) throw new RefusedActError('a dry run asks for nothing', 'end it after the step "Check"')
  const asked = await switchoverOnce(ports, { by, id: owner, ...(to !== undefined && { to }) })
  return { outcome: 'asked', text: `asked for ${to ?? 'the best standby'}`, state: { asked } }
}

async function watch({ ports, state: { asked } }: At): Promise<Came> {
  if (!asked) throw new InvalidInputError(['asked: is what "Request" left'])
  const came = await readOutcome(ports, asked)
  return { outcome: came.outcome, text: formatOutcome(asked, came) }
}

/** The requester, when the input names none. */
const WORKFLOW = 'the switchover workflow'
