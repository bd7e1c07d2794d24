import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import type { Credentials, Variables } from './access.ts'

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
export type SignedFetch = (path: string, init: RequestInit, signal: AbortSignal, sending?: Sending) => Promise<Response>

/** `once`: what the service would do twice if it got it twice is sent once, whatever comes of it. */
export type Sending = { readonly once?: boolean }

/** Requests to one service. */
export type ServiceOptions = {
  readonly service: 's3' | 'ssm'
  readonly region: string
  /** Comes before the region in the host name, as a bucket does. */
  readonly host?: string
  /** The two tries of a call must both fit before this many ms. */
  readonly timeoutMs: number
  /** What signs; default: the credentials of the environment, where a function always has them. */
  readonly credentials?: () => Promise<Credentials>
}

/**
 * Requests to S3 and the Parameter Store without their SDK clients: two calls of each are all the
 * functions need, and the clients would double a bundle (250 kB more) and lengthen every cold start.
 * A request that got no answer, a server's error or "too many" is sent once more, on a new connection.
 */
export function signedFetch(options: ServiceOptions, variables: Variables = process.env): SignedFetch {
  const { service, region, timeoutMs, credentials = async () => credentialsOf(variables) } = options
  const client = new AwsClient({ service, region, retries: 0, accessKeyId: '', secretAccessKey: '' })
  const root = endpointOf(options, variables)
  const attempt = async (path: string, init: RequestInit, signal: AbortSignal, ms = Math.floor(timeoutMs * 0.45)) => {
    // They may have to be fetched, and are replaced when they expire.
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
    const aws = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
    const patience = AbortSignal.any([signal, AbortSignal.timeout(ms)])
    return client.fetch(root + path, { ...init, aws, signal: patience })
  }
  return async (path, init, signal, { once = false } = {}) => {
    if (once) return attempt(path, init, signal, timeoutMs)
    try {
      const response = await attempt(path, init, signal)
      const tooMany = await isThrottled(response)
      if (response.status < 500 && !tooMany) return response
      await response.body?.cancel()
      // All chains' configurations are read in one moment: not all of them again in the next.
      if (tooMany) await sleep(Math.floor(timeoutMs * 0.1 * Math.random()), undefined, { signal })
    } catch (error) {
      if (signal.aborted) throw error
    }
    return attempt(path, init, signal)
  }
}

/** SSM says so with 400 and a code, S3 with 503. */
async function isThrottled(response: Response): Promise<boolean> {
  if (response.status !== 400) return response.status === 429
  return /Throttl|TooManyRequests/.test(await response.clone().text())
}

const credentialsOf = (variables: Variables): Credentials => ({
  accessKeyId: variables.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? '',
  sessionToken: variables.AWS_SESSION_TOKEN,
})

/** An endpoint of one's own (an emulator, a proxy) is set as for every AWS SDK, and gets the bucket in the path. */
function endpointOf({ service, region, host }: ServiceOptions, variables: Variables): string {
  const own = variables[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? variables.AWS_ENDPOINT_URL
  if (own) return own.replace(/\/$/, '') + (host === undefined ? '' : `/${host}`)
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `https://${host === undefined ? '' : `${host}.`}${service}.${region}.${domain}`
}
