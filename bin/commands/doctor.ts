import { defineCommand } from 'citty'
import type { ChainConfig } from '../../lib/config/chain-config.ts'
import type { Finding } from '../../lib/doctor/finding.ts'
import { exitCodes, UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton doctor`: checks a fleet before anything is changed. */
export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    description: 'Check the nodes before anything is changed: what would keep Baton from leading them',
  },
  args: {
    config: { ...globals.config, required: true, description: 'configuration of the chain' },
    gate: { type: 'string', valueHint: 'url', description: "the gate's origin: try each node's secret there" },
    wired: {
      type: 'boolean',
      description: 'let each stopped node ask its conductor for the lead, by a start that cannot succeed',
    },
    all: { type: 'boolean', description: 'show what is in order, too' },
    json: globals.json,
    'no-color': globals['no-color'],
  },
  async run({ args }) {
    const { gate } = args
    if (gate !== undefined && !URL.canParse(gate))
      throw new UsageError(`--gate ${gate} is not a URL`, 'Write http://HOST:PORT.')
    const { examineFleet } = await import('../../lib/doctor/examine-fleet.ts')
    const { renderFindings } = await import('../../lib/terminal/render-findings.ts')
    const { paintFor } = await import('../../lib/terminal/paint.ts')
    const { write } = await import('../output.ts')
    const { config, missing } = await load(args.config)
    const options = { gate, wired: args.wired === true, readers: { env: process.env } }
    const findings = [...missing, ...(await examineFleet(config, options))]
    const healthy = findings.every(({ verdict }) => verdict !== 'bad')
    write(args, 'doctor', { healthy, findings }, () =>
      renderFindings(findings, {
        all: args.all === true,
        paint: paintFor(process.stdout),
        width: process.stdout.columns,
      }),
    )
    return healthy ? exitCodes.ok.code : exitCodes.failed.code
  },
})

/** A configuration whose secrets are not all here is examined without them; each that is missing is a finding. */
async function load(path: string): Promise<{ readonly config: ChainConfig; readonly missing: readonly Finding[] }> {
  const { loadConfig } = await import('../../lib/config/chain-config.ts')
  const { ConfigurationError } = await import('../../lib/config/error.ts')
  try {
    return { config: await loadConfig(path), missing: [] }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const { finding } = await import('../../lib/doctor/finding.ts')
    const config = await loadConfig(path, process.env, () => false)
    const missing = error.problems.map(({ path, problem, write }) =>
      finding('secrets', undefined, ['bad', `${path}: ${problem}`, `Write ${write}`]),
    )
    return { config, missing }
  }
}
