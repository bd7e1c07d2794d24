import { parameterStore } from '../lib/aws/parameters.ts'
import { openBackfill } from '../lib/backfill/open.ts'
import type { BackfillPorts } from '../lib/backfill/ports.ts'
import { connect } from './connect.ts'
import type { Globals } from './globals.ts'

/** Opens what a backfill works with, the engines' secrets read; `close` it in the end. */
export async function openForBackfill(
  globals: Globals,
): Promise<{ readonly ports: BackfillPorts; readonly close: () => Promise<void> }> {
  const { config, ports, close } = await connect(globals)
  const region = config.store.region ?? process.env.AWS_REGION
  const parameter = async (name: string) =>
    region === undefined ? undefined : (await parameterStore(region)([name])).get(name)?.value
  try {
    return { ports: await openBackfill(config, ports, { env: process.env, parameter }), close }
  } catch (error) {
    await close()
    throw error
  }
}
