import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import type { SignedFetch } from '../aws/signed-fetch.ts'
import { signalWithin } from '../signal-within.ts'
import { type EndedStep, type Host, HostUnreachable } from './host.ts'
import { checkParameters, documentName, type Stack, stepOf } from './step.ts'

/** The options of a host behind Systems Manager. */
export type SsmHostOptions = {
  readonly stackName: string
  readonly stack: Stack
  /** The EC2 instance (`i-…`) or managed node (`mi-…`). */
  readonly instance: string
  /** Prefix of our documents' names, e.g. "Baton-prod". */
  readonly documents: string
  /** Sends signed requests to SSM. */
  readonly send: SignedFetch
  /** Polling interval of a command's status, in ms. */
  readonly pollMs?: number
}

const sent = v.object({ Command: v.object({ CommandId: v.string() }) })
const invocation = v.object({
  Status: v.string(),
  StatusDetails: v.optional(v.string(), ''),
  ResponseCode: v.optional(v.number(), -1),
  StandardOutputContent: v.optional(v.string(), ''),
  StandardErrorContent: v.optional(v.string(), ''),
})
const failure = v.object({ __type: v.optional(v.string(), ''), message: v.optional(v.string(), '') })

/** Statuses of an unfinished invocation. */
const running = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling'])
/**
 * Values of `StatusDetails`, with or without spaces, when the agent never started the command; `Status` is then
 * `TimedOut` or `Failed`.
 */
const neverBegan = new Set(['Undeliverable', 'DeliveryTimedOut', 'Terminated', 'InvalidPlatform', 'AccessDenied'])
/** An agent that does not accept a command within this time counts as offline (SSM's minimum is 30 s). */
const DELIVERY_S = 30
const CALL_MS = 5_000

/**
 * Runs the steps through Systems Manager: `SendCommand` with one of our own documents, which hold the command lines.
 * Needs no right to run AWS-RunShellScript.
 */
export function ssmHost({ stackName, stack, instance, documents, send, pollMs = 1_000 }: SsmHostOptions): Host {
  const call = async (step: string, target: string, body: object, signal: AbortSignal): Promise<unknown> => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${target}` }
    const patience = signalWithin(CALL_MS, signal)
    const init = { method: 'POST', headers, body: JSON.stringify(body) }
    // `SendCommand` has no idempotency token: SSM would run a repeated one twice.
    const once = target === 'SendCommand'
    const response = await send('/', init, patience, { once }).catch((cause: Error) => {
      const remedy = 'Look at the route to SSM, and whether region and credentials are known here.'
      throw new HostUnreachable(step, `SSM does not answer (${cause.message})`, remedy, 'unknown', cause)
    })
    const answer: unknown = await response.json().catch(() => ({}))
    if (response.ok) return answer
    const { __type, message } = v.parse(failure, answer)
    const code = __type.split('#').at(-1) || `HTTP ${response.status}`
    // For a moment after SendCommand, SSM does not know the command.
    if (code === 'InvocationDoesNotExist') return { Status: 'Pending' }
    const remedy = 'See that the instance is a managed node, and that the role may run our documents on it.'
    const refused = target === 'SendCommand' && response.status < 500
    throw new HostUnreachable(step, `${code}: ${message}`, remedy, refused ? 'nothing' : 'unknown')
  }

  const begin = async (step: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal) => {
    checkParameters(step, stepOf(stackName, stack, step), parameters)
    const body = {
      DocumentName: documentName(documents, stackName, step),
      // CloudFormation may leave the default at an older version, with other command lines, after an update.
      DocumentVersion: '$LATEST',
      InstanceIds: [instance],
      TimeoutSeconds: DELIVERY_S,
      Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
      Comment: `Baton: ${step}`,
    }
    return v.parse(sent, await call(step, 'SendCommand', body, signal)).Command.CommandId
  }

  const ask = async (step: string, id: string, signal: AbortSignal): Promise<EndedStep | undefined> => {
    const question = { CommandId: id, InstanceId: instance }
    const answer = v.parse(invocation, await call(step, 'GetCommandInvocation', question, signal))
    const { Status, StatusDetails, ResponseCode, StandardOutputContent: stdout, StandardErrorContent: stderr } = answer
    if (neverBegan.has(StatusDetails.replaceAll(' ', ''))) {
      throw new HostUnreachable(step, `SSM says ${StatusDetails}`, `See the SSM agent of ${instance}.`, 'nothing')
    }
    return running.has(Status)
      ? undefined
      : { step, exitCode: ResponseCode < 0 ? undefined : ResponseCode, stdout, stderr }
  }

  return {
    offers: (step) => Object.hasOwn(stack, step),
    begin: (step, parameters = {}) => begin(step, parameters, patient()),
    ask: (step, id) => ask(step, id, patient()),
    async run(step, parameters = {}, signal = patient()) {
      const began = performance.now()
      const { timeoutMs } = stepOf(stackName, stack, step)
      const deadline = began + timeoutMs + DELIVERY_S * 1_000
      const id = await begin(step, parameters, signal)
      for (;;) {
        await sleep(pollMs, undefined, { signal })
        const ended = await ask(step, id, signal)
        if (!ended && performance.now() < deadline) continue
        const unended = { step, exitCode: undefined, stdout: '', stderr: '' }
        return { ...(ended ?? unended), ms: Math.round(performance.now() - began) }
      }
    },
  }
}

/** Each call has its own timeout. */
const patient = () => new AbortController().signal
