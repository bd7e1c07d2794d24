import { defineCommand } from 'citty'
import { UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton gate`: the endpoint op-node's `--conductor.rpc` points at. */
export const gate = defineCommand({
  meta: {
    name: 'gate',
    description: 'Answer conductor_* for the op-node beside it, until interrupted; keep no state',
  },
  args: {
    node: {
      type: 'string',
      valueHint: 'node',
      description: 'the node beside this gate, or several with commas; refuse all others, and read no other secret',
    },
    ...globals,
    config: { ...globals.config, required: true, description: 'configuration of the chain' },
  },
  async run({ args }) {
    const { DEPLOYED, findConfig } = await import('../connect.ts')
    if (args.config.startsWith(DEPLOYED)) {
      throw new UsageError(
        `a gate needs the secret of its node, and ${args.config} has none`,
        'Give it a file, see "Sidecar" in docs/install.md.',
      )
    }
    const { silentLog } = await import('../../lib/log.ts')
    const { openStores } = await import('../../lib/serve/open-stores.ts')
    const { runGate } = await import('../../lib/serve/run-gate.ts')
    const { awsOfCli } = await import('../aws.ts')
    const { chooseLog } = await import('../output.ts')
    const { untilInterrupted, whenInterrupted } = await import('../session.ts')
    const served = args.node?.split(',')
    const config = await findConfig(args, silentLog, { serves: (node) => served?.includes(node) ?? true })
    const known = config.nodes.map(({ name }) => name)
    const unknown = served?.find((node) => !known.includes(node))
    if (unknown !== undefined) {
      throw new UsageError(`no node "${unknown}" is configured`, `Name of ${known.join(', ')} those beside this gate.`)
    }
    const log = chooseLog(args)
    const interrupted = untilInterrupted()
    const open = openStores(config.store, { aws: awsOfCli(config.store) })
    try {
      const server = await runGate(config, open, log)
      log.info('gate listens', { url: server.url, chain: config.chain.id, nodes: served ?? known })
      await whenInterrupted(interrupted)
      await server.close()
    } finally {
      await open.close()
    }
  },
})
