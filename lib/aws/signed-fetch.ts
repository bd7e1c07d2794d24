import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'

/** Environment variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>

/** What a request is signed with. */
export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** How a process that is no function gets to AWS. Each is found out when it is first asked for. */
export type AwsAccess = {
  readonly region: () => Promise<string>
  readonly credentials: () => Promise<Credentials>
  /** The value of a parameter, decrypted; `undefined` = there is none. */
  readonly parameter: (name: string) => Promise<string | undefined>
}

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
  /** Absent = the one of `aws`, or of the variable AWS_REGION. */
  readonly region?: string | undefined
  /** Comes before the region in the host name, as a bucket does. */
  readonly host?: string
  /** The two tries of a call must both fit before this many ms. */
  readonly timeoutMs: number
  /** Absent = the region and credentials of the environment, where a function always has them. */
  readonly aws?: Pick<AwsAccess, 'region' | 'credentials'> | undefined
  /** Of an emulator or a proxy; absent = as the variables say, else AWS. Gets the bucket in the path. */
  readonly endpoint?: string | undefined
}

/**
 * Requests to S3 and Systems Manager without their SDK clients: a few calls are all Baton needs, and the clients would
 * double a function's bundle (250 kB more) and lengthen every cold start. Region and credentials are looked up for the
 * first request. A request that got no answer, a server's error or "too many" is sent once more, on a new connection.
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
    // They may have to be fetched, and are replaced when they expire.
    const { accessKeyId, secretAccessKey, sessionToken } = access
      ? await access.credentials()
      : credentialsOf(variables)
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
function endpointOf({ service, host, endpoint }: ServiceOptions, region: string, variables: Variables): string {
  const own = endpoint ?? variables[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? variables.AWS_ENDPOINT_URL
  if (own) return own.replace(/\/$/, '') + (host === undefined ? '' : `/${host}`)
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  return `https://${host === undefined ? '' : `${host}.`}${service}.${region}.${domain}`
}
