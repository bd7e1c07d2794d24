import { AwsClient } from 'aws4fetch'
import type { Variables } from './environment.ts'

/** What an AWS service answered instead of doing what it was asked; `name` is the service's own error code. */
export class AwsAnswerError extends Error {
  override readonly name: string
  readonly status: number

  constructor(code: string, message: string, status: number) {
    super(message || `HTTP ${status}`)
    this.name = code
    this.status = status
  }
}

/** Sends one signed request; `path` begins with a slash. Aborts with the signal. */
export type SignedFetch = (path: string, init: RequestInit, signal: AbortSignal) => Promise<Response>

/** Requests to one service. */
export type ServiceOptions = {
  readonly service: 's3' | 'ssm'
  readonly region: string
  /** Comes before the region in the host name, as a bucket does. */
  readonly host?: string
  /** The two tries of a call must both fit before this many ms. */
  readonly timeoutMs: number
}

/**
 * Requests to S3 and the Parameter Store without their SDK clients: two calls of each are all the
 * functions need, and the clients would double a bundle (250 kB more) and lengthen every cold start.
 * A request that got no answer or a server's error is sent once more, on a new connection.
 */
export function signedFetch(options: ServiceOptions, variables: Variables = process.env): SignedFetch {
  const { service, region, timeoutMs } = options
  const client = new AwsClient({
    service,
    region,
    retries: 0,
    accessKeyId: variables.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? '',
    ...(variables.AWS_SESSION_TOKEN !== undefined && { sessionToken: variables.AWS_SESSION_TOKEN }),
  })
  const root = endpointOf(options, variables)
  const attempt = (path: string, init: RequestInit, signal: AbortSignal) => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(Math.floor(timeoutMs * 0.45))])
    return client.fetch(root + path, { ...init, signal: patience })
  }
  return async (path, init, signal) => {
    try {
      const response = await attempt(path, init, signal)
      if (response.status < 500 && response.status !== 429) return response
      await response.body?.cancel()
    } catch (error) {
      if (signal.aborted) throw error
    }
    return attempt(path, init, signal)
  }
}

/** An endpoint of one's own (an emulator, a proxy) is set as for every AWS SDK, and gets the bucket in the path. */
function endpointOf({ service, region, host }: ServiceOptions, variables: Variables): string {
  const own = variables[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? variables.AWS_ENDPOINT_URL
  if (own) return own.replace(/\/$/, '') + (host === undefined ? '' : `/${host}`)
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `https://${host === undefined ? '' : `${host}.`}${service}.${region}.${domain}`
}
