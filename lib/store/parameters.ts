import * as v from 'valibot'
import { AwsAnswerError, type ServiceOptions, signedFetch, type Variables } from '../aws/signed-fetch.ts'
import { withDeadline } from './errors.ts'

export type Parameter = { readonly value: string; readonly version: number }

/**
 * Reads parameters by name (`name:3` = its version 3); omits missing ones.
 *
 * @throws StoreUnavailableError
 */
export type ReadParameters = (names: readonly string[]) => Promise<ReadonlyMap<string, Parameter>>

/** The most names the Parameter Store accepts per call. */
const NAMES_A_CALL = 10

const schema = v.object({
  Parameters: v.array(
    v.object({ Name: v.string(), Value: v.string(), Version: v.number(), Selector: v.optional(v.string(), '') }),
  ),
})

/** Connection options of the Parameter Store: see {@link signedFetch}. `timeoutMs`: default 1500. */
export type ParameterOptions = Partial<Pick<ServiceOptions, 'timeoutMs' | 'aws'>> & { readonly variables?: Variables }

/** Reads the SSM Parameter Store and decrypts secrets. */
export function parameterStore(
  region: string | undefined,
  { variables = process.env, timeoutMs = 1_500, aws }: ParameterOptions = {},
): ReadParameters {
  const send = signedFetch({ service: 'ssm', region, timeoutMs, aws }, variables)
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameters' }
  const read = async (names: readonly string[]) => {
    const body = JSON.stringify({ Names: names, WithDecryption: true })
    return withDeadline('read parameters', names.join(', '), timeoutMs, async (signal) => {
      const response = await send('/', { method: 'POST', headers, body }, signal)
      if (!response.ok) throw await answered(response)
      return v.parse(schema, await response.json()).Parameters
    })
  }
  return async (names) => {
    const calls = Array.from({ length: Math.ceil(names.length / NAMES_A_CALL) }, (_, i) =>
      read(names.slice(i * NAMES_A_CALL, (i + 1) * NAMES_A_CALL)),
    )
    const found = (await Promise.all(calls)).flat()
    return new Map(
      found.map(({ Name, Selector, Value, Version }) => [Name + Selector, { value: Value, version: Version }]),
    )
  }
}

const errorSchema = v.object({ __type: v.optional(v.string(), ''), message: v.optional(v.string(), '') })

async function answered(response: Response): Promise<AwsAnswerError> {
  const read = v.safeParse(errorSchema, await response.json().catch(() => ({})))
  const { __type, message } = read.success ? read.output : { __type: '', message: '' }
  return new AwsAnswerError(__type.split('#').at(-1) || `Http${response.status}`, message, response.status)
}
