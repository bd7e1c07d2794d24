import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { packConfigurations } from '../../../lib/config/packed.ts'
import { type SimulatedChain, startSimulatedChain } from '../../../lib/simulator/chain/chain.ts'
import { type Account, openAccount } from './aws.ts'
import { proxyEvent } from './events.ts'
import { type Running, start } from './invoke.ts'

/** The chain of these tests. */
export const CHAIN = '901'
const nodes = ['ada', 'bob', 'cyd'] as const
const secretOf = (node: string) => `secret-of-${node}`

/** A simulated chain whose nodes commit through the bundled gate, behind something that speaks HTTP as an API does. */
export type Deployed = {
  readonly account: Account
  readonly chain: SimulatedChain
  readonly gate: Running
  /** What every function of this deployment has in its environment. */
  readonly env: Readonly<Record<string, string>>
  /** What `BATON_CONFIGURATIONS` may hold beside it: then a function starts without the Parameter Store. */
  readonly configurations: string
  stop(): Promise<void>
}

/** Deploys Baton on loopback: an account, three nodes, the gate. The monitor is the test's business. */
export async function deploy({
  blockTimeMs = 500,
  hostOf,
  gateEnv = {},
}: {
  readonly blockTimeMs?: number
  /** The machine of a node, as its configuration names it. */
  readonly hostOf?: (node: string) => object
  /** What the gate has in its environment beside the account's. */
  readonly gateEnv?: Readonly<Record<string, string>>
} = {}): Promise<Deployed> {
  const account = await openAccount([CHAIN])
  const gate = await start('gate', { ...account.env, ...gateEnv })
  const api = await serveApi(gate)
  const conductorUrl = (node: string) =>
    `http://${node}:${secretOf(node)}@127.0.0.1:${api.port}/v1/chains/${CHAIN}/nodes/${node}`
  const chain = await startSimulatedChain({ conductorUrl, blockTimeMs, nodes })
  const config = {
    chain: { id: chain.chainId, name: 'simulated', blockTimeMs },
    nodes: chain.nodes.map(({ name, consensusUrl, executionUrl }, i) => ({
      name,
      zone: `zone-${i}`,
      priority: 100 - 10 * i,
      consensus: consensusUrl,
      execution: executionUrl,
      ...(hostOf && { host: hostOf(name) }),
    })),
    policy: { l1FrozenMs: 24_000 },
  }
  const written = JSON.stringify(config)
  await account.putParameter(`/chains/${CHAIN}/config`, written)
  for (const node of nodes) {
    await account.putParameter(`/chains/${CHAIN}/nodes/${node}/secrets`, JSON.stringify([secretOf(node)]))
  }
  const env = {
    ...account.env,
    BATON_GATE_URL: `http://127.0.0.1:${api.port}`,
    BATON_ACT_FUNCTION_ARN: 'arn:aws:lambda:us-east-1:000000000000:function:act',
  }
  return {
    account,
    chain,
    gate,
    env,
    configurations: packConfigurations({ [CHAIN]: written }),
    async stop() {
      await chain.stop()
      api.close()
      await gate.kill()
      await account.close()
    },
  }
}

async function serveApi(gate: Running) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const event = proxyEvent(request.method ?? '', request.url ?? '', request.headers, Buffer.concat(chunks).toString())
    // As API Gateway does when a function fails or has ended: the caller is told, not this process.
    const failed = { statusCode: 502, headers: {}, body: '{"message":"Internal server error"}' }
    const answer = gate.invoke<{ statusCode: number; headers: Record<string, string>; body: string }>(event)
    const { statusCode, headers, body } = await answer.catch(() => failed)
    response.writeHead(statusCode, headers).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
