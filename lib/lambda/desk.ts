import * as v from 'valibot'
import { signedFetch } from '../aws/signed-fetch.ts'
import { BusyError, DeskAwayError } from '../conductor/errors.ts'
import { type Desk, type DeskMethod, isDeskMethod } from '../gate/desk.ts'
import { NodeAnswerError } from '../gate/rpc-errors.ts'

/** A call that the gate has allowed, as it sends it to the function that answers it. */
export const deskCall = v.object({
  chain: v.string(),
  node: v.exactOptional(v.string()),
  method: v.custom<DeskMethod>((method) => typeof method === 'string' && isDeskMethod(method)),
  params: v.array(v.unknown()),
  by: v.string(),
})

/** That function's answer: JSON text, of the result or of the error object. */
export const deskReply = v.union([v.object({ result: v.string() }), v.object({ error: v.string() })])

export type DeskReply = v.InferOutput<typeof deskReply>

/** Ends before the gate's own time does (ms). */
const ANSWER_MS = 4_500

/** How many of these calls run at once, all gates together; the stack reserves as many runs for them. */
export const DESK_RUNS = 10

/**
 * Has another function answer: the gate itself has no right on leases and no way to the nodes. That function's runs are
 * limited, so calls that wait for a silent node never take the runs that commits need.
 *
 * @throws BusyError | DeskAwayError | NodeAnswerError with the function's own error, as it is.
 */
export function remoteDesk(name: string, region: string): Desk {
  const send = signedFetch({ service: 'lambda', region, timeoutMs: ANSWER_MS })
  return async (call) => {
    const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(call) }
    const response = await send(path, init, AbortSignal.timeout(ANSWER_MS), { once: true }).catch((cause: unknown) => {
      throw new DeskAwayError('it did not answer in time', cause)
    })
    const text = await response.text()
    if (response.status === 429) throw new BusyError(DESK_RUNS)
    if (!response.ok || response.headers.get('x-amz-function-error') !== null)
      throw new DeskAwayError(response.ok ? 'it failed; its log says why' : `HTTP ${response.status}`)
    const reply = v.safeParse(v.pipe(v.string(), v.parseJson(), deskReply), text)
    if (!reply.success) throw new DeskAwayError('its answer is none')
    if ('error' in reply.output) throw new NodeAnswerError(reply.output.error)
    return reply.output.result
  }
}
