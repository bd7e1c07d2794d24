import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm'
import type { Parameter, ReadParameters } from '../lib/lambda/parameters.ts'
import { withDeadline } from '../lib/store/deadline.ts'

/** Sign-in over SSO or a role asks more than the Parameter Store: it may take its time. */
const TIMEOUT_MS = 10_000

/** Reads parameters by the SDK, which signs in as the AWS CLI does; secrets decrypted. */
export function readParametersBy(client: SSMClient): ReadParameters {
  return async (names) => {
    const read = new GetParametersCommand({ Names: [...names], WithDecryption: true })
    const answer = await withDeadline('read parameters', names.join(', '), TIMEOUT_MS, (abortSignal) =>
      client.send(read, { abortSignal }),
    )
    return new Map(
      (answer.Parameters ?? []).map(({ Name = '', Selector = '', Value = '', Version = 0 }): [string, Parameter] => [
        Name + Selector,
        { value: Value, version: Version },
      ]),
    )
  }
}
