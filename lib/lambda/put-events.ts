import * as v from 'valibot'
import { AwsAnswerError, signedFetch, type Variables } from '../aws/signed-fetch.ts'
import { DETAIL_TYPE, type DecisionDetail, EVENT_SOURCE } from './decision-event.ts'

/** EventBridge takes ten events in a call. */
const EVENTS_A_CALL = 10
/** And 256 kB; one detail has at most 200 kB. */
const BYTES_A_CALL = 220_000
const TIMEOUT_MS = 4_000

/**
 * Puts decisions on the default event bus, in order. Returns how many of the first were taken: it stops at the first
 * that was not.
 *
 * @throws AwsAnswerError when EventBridge refuses a call.
 */
type PutDecisions = (decisions: readonly DecisionDetail[]) => Promise<number>

const answer = v.object({ Entries: v.array(v.object({ ErrorCode: v.optional(v.string()) })) })

/** The default event bus of the function's account and region. */
export function eventBus(region: string, variables: Variables = process.env): PutDecisions {
  const send = signedFetch({ service: 'events', region, timeoutMs: TIMEOUT_MS }, variables)
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AWSEvents.PutEvents' }
  const put = async (decisions: readonly DecisionDetail[]) => {
    const body = JSON.stringify({ Entries: decisions.map(entryOf) })
    const response = await send('/', { method: 'POST', headers, body }, AbortSignal.timeout(TIMEOUT_MS))
    if (!response.ok) throw new AwsAnswerError(`Http${response.status}`, await response.text(), response.status)
    const refused = v.parse(answer, await response.json()).Entries.findIndex(({ ErrorCode }) => ErrorCode)
    return refused < 0 ? decisions.length : refused
  }
  return async (decisions) => {
    let taken = 0
    for (const call of callsOf(decisions)) {
      const here = await put(call)
      taken += here
      if (here < call.length) break
    }
    return taken
  }
}

function entryOf(decision: DecisionDetail) {
  return {
    Source: EVENT_SOURCE,
    DetailType: DETAIL_TYPE,
    Time: Math.floor(Date.parse(decision.at) / 1_000),
    Detail: JSON.stringify(decision),
  }
}

/** The decisions in groups that fit a call. */
function callsOf(decisions: readonly DecisionDetail[]): DecisionDetail[][] {
  const calls: DecisionDetail[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const decision of decisions) {
    const size = Buffer.byteLength(JSON.stringify(decision))
    const last = calls.at(-1)
    if (last === undefined || last.length === EVENTS_A_CALL || bytes + size > BYTES_A_CALL) {
      calls.push([decision])
      bytes = size
    } else {
      last.push(decision)
      bytes += size
    }
  }
  return calls
}
