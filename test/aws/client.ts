import { AwsClient } from 'aws4fetch'
import { account, type Emulator } from './emulator.ts'

/** What the console would be used for: calls to the services of an account, as its administrator. */
export type Client = {
  /** A service that speaks JSON: `json('ssm', 'AmazonSSM.PutParameter', {…})`. */
  json<T>(service: string, target: string, body: object): Promise<T>
  /** Runs a function and waits for its answer. */
  invoke<T>(functionName: string, event: object): Promise<T>
  /** A service that speaks the query protocol; returns its XML. */
  query(service: string, parameters: Record<string, string>): Promise<string>
  /** Any other request. */
  send(service: string, path: string, init?: RequestInit): Promise<Response>
}

/** A service that refused. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
}

export function openClient({ url }: Emulator): Client {
  const { key: accessKeyId, secret: secretAccessKey, region } = account
  const send = (service: string, path: string, init: RequestInit = {}) =>
    new AwsClient({ accessKeyId, secretAccessKey, region, service, retries: 0 }).fetch(url + path, init)
  const text = async (response: Response, what: string) => {
    const body = await response.text()
    if (!response.ok) throw new ServiceError(`${what}: HTTP ${response.status} ${body}`)
    return body
  }
  return {
    send,
    async json(service, target, body) {
      const version = service === 'states' || service === 'dynamodb' ? '1.0' : '1.1'
      const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }
      const answer = await send(service, '/', { method: 'POST', headers, body: JSON.stringify(body) })
      return JSON.parse((await text(answer, target)) || '{}')
    },
    async invoke(functionName, event) {
      const path = `/2015-03-31/functions/${functionName}/invocations`
      const answer = await send('lambda', path, { method: 'POST', body: JSON.stringify(event) })
      const failed = answer.headers.get('x-amz-function-error')
      const body = await text(answer, functionName)
      if (failed) throw new ServiceError(`${functionName}: ${body}`)
      return JSON.parse(body || 'null')
    },
    async query(service, parameters) {
      const body = new URLSearchParams({ Version: '2010-08-01', ...parameters })
      const answer = await send(service, '/', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: body.toString(),
      })
      return text(answer, parameters.Action ?? service)
    },
  }
}
