import * as v from 'valibot'
import { ConfigurationError } from '../lib/config/error.ts'
import { storeParameter } from '../lib/config/parameter-names.ts'
import { parseJson } from '../lib/config/syntax.ts'
import { readChainConfig } from '../lib/lambda/chain-config.ts'
import type { Log } from '../lib/log.ts'
import { awsOfCli, parametersOfCli } from './aws-of-cli.ts'
import { UsageError } from './errors.ts'
import type { PlacedConfig } from './placed-config.ts'

const deployedStore = v.object({
  tables: v.object({ heads: v.string(), leases: v.string(), history: v.string() }),
  objects: v.object({ kind: v.literal('s3'), bucket: v.string() }),
})

/**
 * The configuration of a chain that was deployed: its parameter, and the one beside it that names
 * tables and bucket. Account, region and credentials are those of the AWS CLI. The nodes' secrets are
 * not read: nothing an operator asks for needs them.
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
  const read = parametersOfCli(aws)
  const placed = storeParameter(prefix)
  const [config, found] = await Promise.all([readChainConfig(read, prefix, chain, log), read([placed])])
  const store = v.safeParse(deployedStore, parseJson(found.get(placed)?.value ?? 'null', placed))
  if (!store.success) {
    const problem = found.has(placed) ? 'it names no tables and bucket' : 'there is no such parameter'
    throw new ConfigurationError(placed, [{ path: '', problem, write: 'nothing by hand: "npx cdk deploy" writes it' }])
  }
  return { ...config, store: { ...store.output, region: await aws.region() } }
}
