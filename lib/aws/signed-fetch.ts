import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'
import { signalWithin } from '../signal-within.ts'

/** Environment variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>

/** The credentials that sign a request. */
export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** AWS access of a process outside Lambda. Each part is resolved on first use. */
export type AwsAccess = {
  readonly region: () => Promise<string>
  readonly credentials: () => Promise<Credentials>
  /** The value of a parameter, decrypted; `undefined` = it does not exist. */
  readonly parameter: (name: string) => Promise<string | undefined>
}

/** An AWS service answered with an error; `name` is its error code. */
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

/** `once`: never retries, for a request that the service would execute twice. */
export type Sending = { readonly once?: boolean }

/** The options of requests to one service. */
export type ServiceOptions = {
  readonly service: 's3' | 'ssm' | 'events' | 'lambda' | 'monitoring'
  /** Absent = the region of `aws`, or of the variable AWS_REGION. */
  readonly region?: string | undefined
  /** Precedes the region in the host name, as a bucket does. */
  readonly host?: string
  /** Timeout of a call in ms; both attempts must fit. */
  readonly timeoutMs: number
  /** Absent = the region and credentials of the environment, which a function always has. */
  readonly aws?: Pick<AwsAccess, 'region' | 'credentials'> | undefined
  /** The URL of an emulator or a proxy; absent = from the variables, otherwise AWS. The bucket goes into the path. */
  readonly endpoint?: string | undefined
}

/**
 * Sends requests to S3, Systems Manager, EventBridge, Lambda and CloudWatch without their SDK clients: Baton needs a few calls only,
 * and the clients
 * would double a function's bundle (250 kB more) and lengthen every cold start. Resolves region and credentials on the
 * first request. Retries once, on a new connection, after no answer, a server error or throttling.
 */
export function signedFetch(options: ServiceOptions, variables: Variables = process.env): SignedFetch {
  const { service, timeoutMs, aws: access } = options
  let opened: { readonly client: AwsClient; readonly root: string } | undefined
  const open = async () => {
    const region = options.region ?? (await access?.region()) ?? variables.AWS_REGION
    if (region === undefined)
      throw new Error('no AWS region is known: set the region in the configuration, or the variable AWS_REGION')
    const client = new AwsClient({ service, region, retries: 0, accessKeyId: '', secretAccessKey: '' })
    return { client, root: endpointOf(options, region, variables) }
  }
  const attempt = async (path: string, init: RequestInit, signal: AbortSignal, ms = Math.floor(timeoutMs * 0.45)) => {
    opened ??= await open()
    const { client, root } = opened
    // Resolved for each attempt: credentials may need a fetch, and are replaced when they expire.
    const { accessKeyId, secretAccessKey, sessionToken } = access
      ? await access.credentials()
      : credentialsOf(variables)
    const aws = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
    const patience = signalWithin(ms, signal)
    return client.fetch(root + path, { ...init, aws, signal: patience })
  }
  return async (path, init, signal, { once = false } = {}) => {
    if (once) return attempt(path, init, signal, timeoutMs)
    try {
      const response = await attempt(path, init, signal)
      const tooMany = await isThrottled(response)
      if (response.status < 500 && !tooMany) return response
      await response.body?.cancel()
      // All chains' configurations are read at the same moment: jitter spreads the retries.
      if (tooMany) await sleep(Math.floor(timeoutMs * 0.1 * Math.random()), undefined, { signal })
    } catch (error) {
      if (signal.aborted) throw error
    }
    return attempt(path, init, signal)
  }
}

/** SSM throttles with 400 and a code, S3 with 503. */
async function isThrottled(response: Response): Promise<boolean> {
  if (response.status !== 400) return response.status === 429
  return /Throttl|TooManyRequests/.test(await response.clone().text())
}

const credentialsOf = (variables: Variables): Credentials => ({
  accessKeyId: variables.AWS_ACCESS_KEY_ID ?? '',
  secretAccessKey: variables.AWS_SECRET_ACCESS_KEY ?? '',
  sessionToken: variables.AWS_SESSION_TOKEN,
})

/** In the variables of the SDKs a service has another name than in its address. */
const nameOf = (service: ServiceOptions['service']) => (service === 'monitoring' ? 'CLOUDWATCH' : service.toUpperCase())

/** A custom endpoint (an emulator, a proxy) uses the variables of every AWS SDK, and gets the bucket in the path. */
function endpointOf({ service, host, endpoint }: ServiceOptions, region: string, variables: Variables): string {
  const own = endpoint ?? variables[`AWS_ENDPOINT_URL_${nameOf(service)}`] ?? variables.AWS_ENDPOINT_URL
  if (own) return own.replace(/\/$/, '') + (host === undefined ? '' : `/${host}`)
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `https://${host === undefined ? '' : `${host}.`}${service}.${region}.${domain}`
}
