import * as v from 'valibot'
import type { GateResponse } from '../gate/answer.ts'
import type { GateRequest } from '../gate/handle.ts'

const headers = v.nullish(v.record(v.string(), v.nullish(v.string())), {})

/** The fields read from an API Gateway REST proxy event (payload 1.0). */
export const apiEvent = v.object({
  httpMethod: v.string(),
  /** Without the stage on AWS; with the base path of a custom domain, or any prefix an emulator adds. */
  path: v.string(),
  /** The path as the API defines it; shows `/` below a base path. */
  resource: v.optional(v.string()),
  headers,
  multiValueHeaders: v.nullish(v.record(v.string(), v.nullish(v.array(v.string()))), {}),
  body: v.nullish(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
})

/** A validated event of the API. */
export type ApiEvent = v.InferOutput<typeof apiEvent>

/** The gate's own path at the end of an event's path. */
const OWN_PATH = /\/(?:v1\/chains\/.*|healthz|readyz)$/

/** Converts an event to a gate request. */
export function readRequest(event: ApiEvent): GateRequest {
  const { httpMethod: method, path, resource, body, isBase64Encoded } = event
  return {
    method,
    path: resource === '/' ? '/' : (OWN_PATH.exec(path)?.[0] ?? path),
    authorization: findHeader(event, 'authorization') ?? findHeader(event, 'x-amzn-remapped-authorization'),
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  }
}

/** Converts a gate response to the API's format. */
export function formatResponse({ status, headers, body }: GateResponse) {
  return { statusCode: status, headers: { ...headers }, body, isBase64Encoded: false }
}

function findHeader({ headers, multiValueHeaders }: ApiEvent, name: string): string | undefined {
  const of = <T>(list: Readonly<Record<string, T>> | null | undefined) =>
    Object.entries(list ?? {}).find(([key]) => key.toLowerCase() === name)?.[1]
  return of(headers) ?? of(multiValueHeaders)?.[0]
}
