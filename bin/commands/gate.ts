import { defineCommand } from 'citty'
import { globals } from '../globals.ts'

/** `baton gate`: the endpoint for `--conductor.rpc`, as a process of its own beside the node. */
export const gate = defineCommand({
  meta: { name: 'gate', description: 'Answer conductor_* for the op-node beside it, until interrupted' },
  args: globals,
  async run({ args }) {
    const { findConfig } = await import('../connect.ts')
    const { openStores } = await import('../../lib/local/open-stores.ts')
    const { runGate } = await import('../../lib/local/run-gate.ts')
    const { chooseLog } = await import('../choose-log.ts')
    const { untilInterrupted } = await import('../interrupted.ts')
    const log = chooseLog(args)
    const config = await findConfig(args)
    const open = await openStores(config.store)
    const interrupted = untilInterrupted()
    const server = await runGate(config, open, log)
    log.info('gate listens', { url: server.url, chain: config.chain.id })
    if (!interrupted.aborted) await new Promise((done) => interrupted.addEventListener('abort', done, { once: true }))
    await server.close()
    await open.close()
  },
})
