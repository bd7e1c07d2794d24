import * as v from 'valibot'
import type { GateResponse } from '../gate/answer.ts'
import type { GateRequest } from '../gate/handle.ts'

const headers = v.nullish(v.record(v.string(), v.nullish(v.string())), {})

/** What is read of an API Gateway REST proxy event (payload 1.0). */
export const apiEvent = v.object({
  httpMethod: v.string(),
  /** Without the stage on AWS; with the base path of a custom domain, and with whatever emulators put before it. */
  path: v.string(),
  headers,
  multiValueHeaders: v.nullish(v.record(v.string(), v.nullish(v.array(v.string()))), {}),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
})

/** A checked event of the API. */
export type ApiEvent = v.InferOutput<typeof apiEvent>

/** The gate's own path at the end of an event's. */
const OWN_PATH = /\/(?:v1\/chains\/.*|healthz|readyz)$/

/** The request in an event, as every gate takes it. */
export function readRequest(event: ApiEvent): GateRequest {
  const { httpMethod: method, path, body, isBase64Encoded } = event
  return {
    method,
    path: OWN_PATH.exec(path)?.[0] ?? path,
    authorization: findHeader(event, 'authorization') ?? findHeader(event, 'x-amzn-remapped-authorization'),
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  }
}

/** The answer of a gate as the API sends it. */
export function formatResponse({ status, headers, body }: GateResponse) {
  return { statusCode: status, headers: { ...headers }, body, isBase64Encoded: false }
}

function findHeader({ headers, multiValueHeaders }: ApiEvent, name: string): string | undefined {
  const of = <T>(list: Readonly<Record<string, T>> | null | undefined) =>
    Object.entries(list ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]
  return of(headers) ?? of(multiValueHeaders)?.[0]
}
