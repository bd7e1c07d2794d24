import { openBackfill } from '../lib/operations/backfill/open.ts'
import type { BackfillPorts } from '../lib/operations/backfill/ports.ts'
import { connect } from './connect.ts'
import type { Globals } from './globals.ts'

/** Opens what a backfill works with, the engines' secrets read; `close` it in the end. */
export async function openForBackfill(
  globals: Globals,
): Promise<{ readonly ports: BackfillPorts; readonly close: () => Promise<void> }> {
  const { config, aws, ports, close } = await connect(globals)
  try {
    return { ports: await openBackfill(config, ports, { env: process.env, parameter: aws.parameter }), close }
  } catch (error) {
    await close()
    throw error
  }
}
