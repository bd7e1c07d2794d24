import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as v from 'valibot'
import type { AwsAccess } from '../lib/aws/signed-fetch.ts'
import type { ChainConfig } from '../lib/config/chain-config.ts'
import { ConfigurationError, parseJson } from '../lib/config/error.ts'
import { storeParameter } from '../lib/config/parameter-names.ts'
import { readChainConfig } from '../lib/lambda/chain-config.ts'
import type { Log } from '../lib/log.ts'
import { parameterStore, type ReadParameters } from '../lib/store/parameters.ts'
import { UsageError } from './errors.ts'

/** A configuration with a known store. */
export type PlacedConfig = ChainConfig & { readonly store: NonNullable<ChainConfig['store']> }

/** Signing in over SSO or a role takes longer than reading a parameter. */
const TIMEOUT_MS = 10_000

/**
 * Finds the region, unless the store names one, and the credentials as the AWS CLI does: variables, profile, single
 * sign-on, the machine's role. Lazy: most commands need neither.
 */
export function awsOfCli(store?: ChainConfig['store']): AwsAccess {
  // With a custom endpoint, the store's region is not a region of AWS.
  const region = store?.endpoint === undefined ? store?.region : undefined
  let opened: Promise<DynamoDBClient> | undefined
  const open = async () => {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb')
    return new DynamoDBClient(region === undefined ? {} : { region })
  }
  const client = () => (opened ??= open())
  const aws = {
    region: async () => (await client()).config.region(),
    credentials: async () => (await client()).config.credentials(),
  }
  return {
    ...aws,
    parameter: async (name) => (await parametersOf(aws)([name])).get(name)?.value,
  }
}

/** The Parameter Store, with the AWS CLI's access; secrets decrypted. */
const parametersOf = (aws: Pick<AwsAccess, 'region' | 'credentials'>): ReadParameters =>
  parameterStore(undefined, { aws, timeoutMs: TIMEOUT_MS })

const deployedStore = v.object({
  tables: v.object({ heads: v.string(), leases: v.string(), history: v.string() }),
  objects: v.object({ kind: v.literal('s3'), bucket: v.string(), payloads: v.exactOptional(v.string()) }),
})

/**
 * Reads the configuration of a deployed chain: its parameter, and the one beside it that names tables and bucket.
 * Account, region and credentials are those of the AWS CLI. Does not read the nodes' secrets: no operator's request
 * needs them.
 *
 * @throws UsageError when the name is not one of a chain's configuration.
 * @throws ConfigurationError when a parameter is missing or wrong.
 * @throws StoreUnavailableError
 */
export async function readDeployed(name: string, log: Log): Promise<PlacedConfig> {
  const [, prefix, chain] = /^(\/.+)\/chains\/([1-9]\d*)\/config$/.exec(name) ?? []
  if (prefix === undefined || chain === undefined) {
    throw new UsageError(
      `ssm:${name} names no configuration of a chain`,
      'Write it as the output of the stack does, e.g. ssm:/baton/prod/chains/901/config.',
    )
  }
  const aws = awsOfCli()
  const read = parametersOf(aws)
  const placed = storeParameter(prefix)
  const [config, found] = await Promise.all([readChainConfig(read, prefix, chain, log), read([placed])])
  const store = v.safeParse(deployedStore, parseJson(found.get(placed)?.value ?? 'null', placed))
  if (!store.success) {
    const problem = found.has(placed) ? 'it names no tables and bucket' : 'there is no such parameter'
    throw new ConfigurationError(placed, [{ path: '', problem, write: 'nothing by hand: "npx cdk deploy" writes it' }])
  }
  return { ...config, store: { ...store.output, region: await aws.region() } }
}
