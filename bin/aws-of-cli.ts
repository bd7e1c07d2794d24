import type { SSMClient } from '@aws-sdk/client-ssm'
import type { AwsAccess } from '../lib/aws/signed-fetch.ts'
import type { ChainConfig } from '../lib/config/chain-config.ts'
import { parameterStore, type ReadParameters } from '../lib/store/parameters.ts'

/**
 * Region, unless the store is in one, and credentials as the AWS CLI finds them: variables, profile, single sign-on,
 * the machine's role. Nothing is loaded or asked for before it is needed: most commands need none of it.
 */
export function awsOfCli(store?: ChainConfig['store']): AwsAccess {
  // What stands beside an endpoint of one's own is no region of AWS.
  const region = store?.endpoint === undefined ? store?.region : undefined
  let opened: Promise<SSMClient> | undefined
  const open = async () => {
    const { SSMClient } = await import('@aws-sdk/client-ssm')
    return new SSMClient({ maxAttempts: 2, ...(region !== undefined && { region }) })
  }
  const client = () => (opened ??= open())
  const access = {
    region: async () => (await client()).config.region(),
    credentials: async () => (await client()).config.credentials(),
  }
  const parameters = parametersOfCli(access)
  return { ...access, parameter: async (name) => (await parameters([name])).get(name)?.value }
}

/** Sign-in over SSO or a role asks more than the Parameter Store: it may take its time (ms). */
const TIMEOUT_MS = 10_000

/** Reads parameters with what the AWS CLI would sign with; secrets decrypted. */
export const parametersOfCli = (aws: Pick<AwsAccess, 'region' | 'credentials'>): ReadParameters =>
  parameterStore(undefined, { aws, timeoutMs: TIMEOUT_MS })
