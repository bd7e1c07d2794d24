import type { SSMClient } from '@aws-sdk/client-ssm'
import type { AwsAccess } from '../lib/aws/access.ts'
import type { ChainConfig } from '../lib/config/chain-config.ts'

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
  return {
    region: async () => (await client()).config.region(),
    credentials: async () => (await client()).config.credentials(),
    async parameter(name) {
      const { readParametersBy } = await import('./read-parameters.ts')
      return (await readParametersBy(await client())([name])).get(name)?.value
    },
  }
}
