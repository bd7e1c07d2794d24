import * as v from 'valibot'
import type { ChainPorts } from '../../context/ports.ts'
import { RefusedActError } from '../../operator/errors.ts'
import { InvalidInputError } from '../engine/errors.ts'
import type { Call, Came, Operation } from '../engine/operation.ts'
import type { DisasterAct } from './acts.ts'
import { actOf, type DisasterInput, disasterDocument, disasterInput } from './document.ts'
import { confirmLeaving } from './leave.ts'
import { confirmOverride } from './override.ts'
import { confirmPlacing } from './place-head.ts'
import { carryOut, planDisaster } from './procedure.ts'
import { confirmReturn } from './return.ts'
import { see } from './see.ts'

const state = v.object({
  /** The result of the act, for programs; absent until it is done. */
  value: v.optional(v.unknown()),
  /** The same for people. */
  done: v.optional(v.string()),
})
type At = Call<ChainPorts, DisasterInput, v.InferOutput<typeof state>>

/** A return adopts thousands of blocks, in one call. */
const ACT_SECONDS = 880
/** Baton needs a few turns to grant, bring a node to the head and start it, ms. */
const SEE_MS = 60_000

/** One disaster act. It is carried out once; a person reads the result. */
export const disaster: Operation<ChainPorts, DisasterInput, v.InferOutput<typeof state>> = {
  name: 'Disaster',
  comment: 'Baton: disaster',
  handlerSeconds: 875,
  timeoutSeconds: 1_500,
  document: disasterDocument,
  input: disasterInput,
  state,
  start: 'Survey what is left',
  nodes: {
    'Survey what is left': {
      does: 'survey what is left of the chain, and check that the hash confirms the act',
      run: survey,
      seconds: 120,
      next: 'Dry run?',
      failed: 'Not surveyed',
    },
    'Dry run?': { given: 'dryRun', yes: 'Would act', no: 'Confirmed?' },
    'Confirmed?': { outcomes: { confirmed: 'Act' }, otherwise: 'Refused' },
    Act: {
      does: 'carry out the act, once',
      run: act,
      seconds: ACT_SECONDS,
      once: true,
      next: 'See what came of it',
      failed: 'Not done',
    },
    'See what came of it': {
      does: 'observe that the chain does what the act is for',
      async run({ ports, input, sliceMs, state: { done } }) {
        const seen = await see(ports, actOf(input), sliceMs)
        return { outcome: 'seen', text: done === undefined ? seen : `${done}\n${seen}` }
      },
      seconds: 120,
      sliceMs: SEE_MS,
      next: 'Done',
      failed: 'Not seen',
    },
    'Would act': { end: 'succeeded', comment: 'Dry run: nothing was changed; what is left is in the output' },
    Done: { end: 'succeeded', comment: 'It was done, and its effect was observed' },
    Refused: { end: 'failed', comment: 'Nothing was changed', error: 'DisasterRefused', why: 'text' },
    'Not surveyed': { end: 'failed', error: 'DisasterNotSurveyed', why: 'error' },
    'Not done': {
      end: 'failed',
      comment: 'The cause and the history say how far it came: check before you do it again',
      error: 'DisasterNotDone',
      why: 'error',
    },
    'Not seen': {
      end: 'failed',
      comment: 'It was done, and its effect was not observed',
      error: 'DisasterNotSeen',
      why: 'error',
    },
  },
}

/** Shows the state of the chain, and whether the act is confirmed; changes nothing. */
async function survey({ ports, input }: At): Promise<Came> {
  const { text: words } = await planDisaster(ports, input.kind)
  try {
    await confirm(ports, actOf(input), asker(input))
    return { outcome: 'confirmed', text: words }
  } catch (error) {
    if (!(error instanceof RefusedActError || error instanceof InvalidInputError)) throw error
    return { outcome: 'refused', text: `would be refused: ${error.message}\n${words}` }
  }
}

async function confirm(ports: ChainPorts, asked: DisasterAct, by: string): Promise<unknown> {
  switch (asked.act) {
    case 're-seed':
      return await confirmPlacing(ports, { ...asked, by })
    case 'cold-start':
      return await confirmPlacing(ports, { ...asked, to: asked.node, by })
    case 'override':
      return await confirmOverride(ports, { ...asked, by })
    case 'return':
      return await confirmReturn(ports, asked)
    case 'to-op-conductor':
      return await confirmLeaving(ports, asked.hash)
  }
}

async function act({ ports, input }: At): Promise<Came> {
  const { text: words, value } = await carryOut(ports, actOf(input), asker(input))
  return { outcome: 'done', text: words, state: { value, done: words } }
}

const asker = ({ by }: DisasterInput): string => by ?? 'the disaster workflow'
