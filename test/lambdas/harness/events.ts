import type { IncomingHttpHeaders } from 'node:http'

/** A JSON-RPC call as op-node sends it. */
export function rpc(method: string, params?: readonly unknown[]): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 7, method, params })
}

/** A call by a node, as the API hands it on. */
export function apiEvent({
  chain = '901',
  node = 'a',
  secret,
  body,
}: {
  readonly chain?: string
  readonly node?: string
  readonly secret?: string
  readonly body: string
}) {
  const authorization =
    secret === undefined ? {} : { Authorization: `Basic ${Buffer.from(`${node}:${secret}`).toString('base64')}` }
  const headers = { ...authorization, 'Content-Type': 'application/json', 'User-Agent': 'Go-http-client/1.1' }
  return proxyEvent('POST', `/v1/chains/${chain}/nodes/${node}`, headers, body)
}

/** An event of an API Gateway REST API with Lambda proxy integration, as AWS documents it. */
export function proxyEvent(httpMethod: string, path: string, sent: IncomingHttpHeaders, body: string) {
  const headers: Record<string, string> = { 'X-Forwarded-For': '10.0.1.5', 'x-amzn-vpce-id': 'vpce-0a1b2c3d4e5f67890' }
  for (const [name, value] of Object.entries(sent)) headers[name] = String(value)
  const [, chain, node] = /chains\/(.*)\/nodes\/(.*)$/.exec(path) ?? []
  const resource = chain === undefined ? path : '/v1/chains/{chain}/nodes/{node}'
  return {
    resource,
    path,
    httpMethod,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: chain === undefined ? null : { chain, node },
    stageVariables: null,
    requestContext: {
      resourceId: 'abc123',
      resourcePath: resource,
      httpMethod,
      path: `/prod${path}`,
      accountId: '000000000000',
      protocol: 'HTTP/1.1',
      stage: 'prod',
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      identity: { sourceIp: '10.0.1.5', vpceId: 'vpce-0a1b2c3d4e5f67890', userAgent: 'Go-http-client/1.1' },
      apiId: 'abcdef1234',
    },
    body,
    isBase64Encoded: false,
  }
}

/** What EventBridge Scheduler sends with an input of its own. */
export const scheduleEvent = { source: 'baton.schedule' }

/** A record of the Heads stream, as Lambda delivers it: bytes as base64. */
export function streamRecord(chain: string, number: number, image: object) {
  const NewImage = JSON.parse(
    JSON.stringify(image, (_, value) => {
      if (value?.type === 'Buffer') return Buffer.from(value.data).toString('base64')
      if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
      return value
    }),
  )
  return {
    eventID: `event-${number}`,
    eventName: 'MODIFY',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: 1732186800,
      Keys: { chain: { S: chain } },
      NewImage,
      SequenceNumber: `${number}00000000000000000`,
      SizeBytes: 26,
      StreamViewType: 'NEW_IMAGE',
    },
    eventSourceARN: 'arn:aws:dynamodb:us-east-1:000000000000:table/baton-heads/stream/2026-11-21T00:00:00.000',
  }
}
