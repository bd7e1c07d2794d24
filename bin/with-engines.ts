import type { AwsAccess } from '../lib/aws/signed-fetch.ts'
import type { ChainConfig } from '../lib/config/chain-config.ts'
import { ConfigurationError } from '../lib/config/error.ts'
import type { ChainPorts } from '../lib/context/ports.ts'
import { openBackfill } from '../lib/operations/backfill/open.ts'

/** The ports with access to the engines, if their secrets can be read here; who only looks needs no such right. */
export async function withEngines(config: ChainConfig, ports: ChainPorts, aws: AwsAccess): Promise<ChainPorts> {
  if (!config.nodes.some(({ engine }) => engine)) return ports
  try {
    return await openBackfill(config, ports, { env: process.env, parameter: aws.parameter })
  } catch (error) {
    if (error instanceof ConfigurationError) return ports
    throw error
  }
}
