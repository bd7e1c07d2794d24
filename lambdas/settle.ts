import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { wrap } from '../lib/lambda/wrap.ts'

/** Seconds that two runs of the monitor take to begin, and their metrics to arrive. */
const SECONDS = Number(process.env.BATON_SETTLE_SECONDS ?? 150)

/** CloudFormation gives up an answer that takes longer than this; ms. */
const ANSWER_MS = 10_000

/** The event of a custom resource. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
const request = v.looseObject({
  RequestType: v.picklist(['Create', 'Update', 'Delete']),
  ResponseURL: v.pipe(v.string(), v.url()),
  StackId: v.string(),
  RequestId: v.string(),
  LogicalResourceId: v.string(),
})

/**
 * Makes a deploy wait between the first runs of the monitor and the alarm that pages when it does not run: an alarm sees
 * the minutes before it was made, in which there was no monitor.
 */
export const handler = wrap(request, async ({ RequestType, ResponseURL, StackId, RequestId, LogicalResourceId }) => {
  if (RequestType !== 'Delete') await sleep(SECONDS * 1_000)
  const PhysicalResourceId = 'settled'
  const body = JSON.stringify({ Status: 'SUCCESS', PhysicalResourceId, StackId, RequestId, LogicalResourceId })
  // The URL is signed for a request without a content type.
  const headers = { 'content-type': '' }
  const answer = await fetch(ResponseURL, { method: 'PUT', body, headers, signal: AbortSignal.timeout(ANSWER_MS) })
  if (!answer.ok) throw new Error(`CloudFormation did not take the answer: HTTP ${answer.status}`)
})
