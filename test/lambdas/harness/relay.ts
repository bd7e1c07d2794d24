import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** How a DynamoDB that is not available shows it. */
export type Outage =
  /** The network swallows packets. */
  | 'silent'
  /** No one listens. */
  | 'refused'
  /** Each connection is reset. */
  | 'reset'
  /** AccessDenied: a policy was changed, a key is disabled, an account is suspended. */
  | 'denied'
  /** The same for writes only. */
  | 'writes-denied'
  /** ProvisionedThroughputExceeded. */
  | 'throttled'
  /** HTTP 500. */
  | 'errors'

/** A way to a DynamoDB that can be made to fail. */
export type Relay = { readonly endpoint: string; fail(how: Outage): void; close(): void }

/** Opens a relay to an endpoint on loopback. */
export async function startRelay(to: string): Promise<Relay> {
  const { hostname, port } = new URL(to)
  const sockets = new Set<Socket>()
  let outage: Outage | undefined
  const answering = createHttpServer((incoming, response) => answer(incoming, response, outage, new URL(to)))
  const server = createServer((client) => {
    sockets.add(client.on('error', () => {}))
    if (outage === 'silent') return
    if (outage === 'reset') return void client.resetAndDestroy()
    if (outage !== undefined) return void answering.emit('connection', client)
    const upstream = connect(Number(port), hostname)
    sockets.add(upstream.on('error', () => client.destroy()))
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${own}`,
    fail(how) {
      outage = how
      if (how === 'refused') server.close()
      for (const socket of sockets) {
        if (how === 'silent') socket.pause().unpipe()
        else socket.resetAndDestroy()
      }
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Status, type and message, as DynamoDB sends them. */
const answers: Partial<Record<Outage, readonly [number, string, string]>> = {
  denied: [400, 'com.amazon.coral.service#AccessDeniedException', 'User is not authorized to perform this action'],
  throttled: [
    400,
    'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded.',
  ],
  errors: [500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', 'Internal server error'],
}

function answer(incoming: IncomingMessage, response: ServerResponse, outage: Outage | undefined, to: URL): void {
  const reads = /\.(GetItem|BatchGetItem|Query)$/.test(String(incoming.headers['x-amz-target']))
  if (outage === 'writes-denied' && reads) {
    forward(incoming, response, to)
    return
  }
  const [status, type, message] = answers[outage === 'writes-denied' ? 'denied' : (outage ?? 'errors')] ?? [500, '', '']
  incoming.resume().on('end', () => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify({ __type: type, message }))
  })
}

function forward(incoming: IncomingMessage, response: ServerResponse, { hostname, port }: URL): void {
  const { method, url, headers } = incoming
  const upstream = request({ hostname, port, method, path: url, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 500, answered.headers)
    answered.pipe(response)
  })
  upstream.on('error', () => response.destroy())
  incoming.pipe(upstream)
}
