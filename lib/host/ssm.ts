import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import type { SignedFetch } from '../aws/signed-fetch.ts'
import { documentName } from './document.ts'
import { HostUnreachable } from './errors.ts'
import type { Host } from './host.ts'
import { checkParameters, type Stack, stepOf } from './step.ts'

/** What a host behind Systems Manager is made of. */
export type SsmHostOptions = {
  readonly stackName: string
  readonly stack: Stack
  /** The EC2 instance (`i-…`) or managed node (`mi-…`). */
  readonly instance: string
  /** What the names of our documents begin with, e.g. "Baton-prod". */
  readonly documents: string
  /** Signed requests to SSM. */
  readonly send: SignedFetch
  /** ms between two questions how far a command is. */
  readonly pollMs?: number
}

const sent = v.object({ Command: v.object({ CommandId: v.string() }) })
const invocation = v.object({
  Status: v.string(),
  ResponseCode: v.optional(v.number(), -1),
  StandardOutputContent: v.optional(v.string(), ''),
  StandardErrorContent: v.optional(v.string(), ''),
})
const failure = v.object({ __type: v.optional(v.string(), ''), message: v.optional(v.string(), '') })

/** Statuses of an invocation that goes on. */
const running = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])
/** The agent never began. */
const neverBegan = new Set(['Undeliverable', 'DeliveryTimedOut', 'Terminated', 'InvalidPlatform', 'AccessDenied'])
/** An agent that did not take a command by then is away (SSM's minimum is 30 s). */
const DELIVERY_S = 30
const CALL_MS = 5_000

/**
 * Runs the steps by Systems Manager: `SendCommand` with one of our own documents, which hold the
 * command lines. The right to run AWS-RunShellScript is never needed.
 */
export function ssmHost({ stackName, stack, instance, documents, send, pollMs = 1_000 }: SsmHostOptions): Host {
  const call = async (step: string, target: string, body: object, signal: AbortSignal): Promise<unknown> => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${target}` }
    const patience = AbortSignal.any([signal, AbortSignal.timeout(CALL_MS)])
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    const response = await send('/', init, patience).catch((cause: Error) => {
      throw new HostUnreachable(step, `SSM does not answer (${cause.message})`, 'Look at the route to SSM.', cause)
    })
    const answer: unknown = await response.json().catch(() => ({}))
    if (response.ok) return answer
    const { __type, message } = v.parse(failure, answer)
    const code = __type.split('#').at(-1) || `HTTP ${response.status}`
    // SSM does not know a command for a moment after it was sent.
    if (code === 'InvocationDoesNotExist') return { Status: 'Pending' }
    const remedy = 'See that the instance is a managed node, and that the role may run our documents on it.'
    throw new HostUnreachable(step, `${code}: ${message}`, remedy)
  }

  return {
    async run(step, parameters = {}, signal) {
      const found = stepOf(stackName, stack, step)
      checkParameters(step, found, parameters)
      const began = performance.now()
      const deadline = began + found.timeoutMs + DELIVERY_S * 1_000
      const aborted = signal ?? new AbortController().signal
      const { Command } = v.parse(
        sent,
        await call(
          step,
          'SendCommand',
          {
            DocumentName: documentName(documents, stackName, step),
            InstanceIds: [instance],
            TimeoutSeconds: DELIVERY_S,
            Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
            Comment: `Baton: ${step}`,
          },
          aborted,
        ),
      )
      for (;;) {
        await sleep(pollMs, undefined, { signal: aborted })
        const question = { CommandId: Command.CommandId, InstanceId: instance }
        const { Status, ResponseCode, StandardOutputContent, StandardErrorContent } = v.parse(
          invocation,
          await call(step, 'GetCommandInvocation', question, aborted),
        )
        if (neverBegan.has(Status)) {
          throw new HostUnreachable(step, `SSM says ${Status}`, `See the SSM agent of ${instance}.`)
        }
        if (running.has(Status) && performance.now() < deadline) continue
        const exitCode = running.has(Status) || ResponseCode < 0 ? undefined : ResponseCode
        const ms = Math.round(performance.now() - began)
        return { step, exitCode, stdout: StandardOutputContent, stderr: StandardErrorContent, ms }
      }
    },
  }
}
