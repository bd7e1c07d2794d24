import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import type { StepResult } from '../../../lib/host/host.ts'
import { shellHost } from '../../../lib/host/shell.ts'
import type { StackName } from '../../../lib/host/stacks.ts'
import { stacks } from '../../../lib/host/stacks.ts'
import { type CommandLine, documentName } from '../../../lib/host/step.ts'

/** Systems Manager whose documents are run on this machine, whatever machine is named. Everything else goes to `ssm`. */
export type SsmAgent = {
  readonly endpoint: string
  /** The steps that were sent, in order. */
  readonly sent: readonly string[]
  /** Where to, each. */
  readonly machines: readonly string[]
  close(): void
}

const sending = v.object({
  DocumentName: v.string(),
  InstanceIds: v.tuple([v.string()]),
  Parameters: v.record(v.string(), v.tuple([v.string()])),
})
const asking = v.object({ CommandId: v.string() })

/** Starts it. `delayMs`: how long a step waits before it begins. */
export async function startSsmAgent(
  ssm: string,
  {
    stack,
    documents,
    commands,
    delayMs = () => 0,
  }: {
    readonly stack: StackName
    readonly documents: string
    /** The command lines of a machine, in place of the stack's. */
    readonly commands: (instance: string) => Readonly<Record<string, CommandLine>>
    readonly delayMs?: (step: string) => number
  },
): Promise<SsmAgent> {
  const results = new Map<string, StepResult | undefined>()
  const sent: string[] = []
  const machines: string[] = []

  const send = (body: unknown) => {
    const { DocumentName, InstanceIds, Parameters } = v.parse(sending, body)
    const step = Object.keys(stacks[stack]).find((name) => documentName(documents, stack, name) === DocumentName) ?? ''
    const parameters = Object.fromEntries(Object.entries(Parameters).map(([name, [value]]) => [name, value]))
    const id = randomUUID()
    sent.push(step)
    machines.push(InstanceIds[0])
    const host = shellHost({ name: stack, stack: stacks[stack], commands: commands(InstanceIds[0]) })
    results.set(id, undefined)
    void sleep(delayMs(step)).then(async () => results.set(id, await host.run(step, parameters)))
    return { Command: { CommandId: id } }
  }
  const look = (body: unknown) => {
    const result = results.get(v.parse(asking, body).CommandId)
    if (!result) return { Status: 'InProgress', ResponseCode: -1 }
    const { exitCode = -1, stdout, stderr } = result
    const Status = exitCode === 0 ? 'Success' : 'Failed'
    return { Status, ResponseCode: exitCode, StandardOutputContent: stdout, StandardErrorContent: stderr }
  }
  const server = createServer(async (request, response) => {
    const body = await read(request)
    const target = String(request.headers['x-amz-target'])
    if (target === 'AmazonSSM.SendCommand') return response.end(JSON.stringify(send(JSON.parse(body))))
    if (target === 'AmazonSSM.GetCommandInvocation') return response.end(JSON.stringify(look(JSON.parse(body))))
    const { host: _, 'content-length': __, connection: ___, ...headers } = request.headers
    const forwarded = await fetch(ssm, { method: 'POST', headers: headers as Record<string, string>, body })
    response.writeHead(forwarded.status).end(await forwarded.text())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent,
    machines,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function read(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
