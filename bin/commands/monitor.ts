import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton monitor`: the loop that observes, decides and acts. */
export const monitor = defineCommand({
  meta: { name: 'monitor', description: 'Observe, decide and act, until interrupted; a second one is a warm standby' },
  args: globals,
  async run({ args }) {
    const { connect } = await import('../connect.ts')
    const { openBackfill } = await import('../../lib/operations/backfill/open.ts')
    const { watchDamage } = await import('../../lib/operations/crash-recovery/watch.ts')
    const { runMonitor } = await import('../../lib/monitor/run.ts')
    const { serveMonitor } = await import('../../lib/serve/observe-monitor.ts')
    const { chooseLog } = await import('../output.ts')
    const { untilInterrupted } = await import('../session.ts')
    const log = chooseLog(args)
    // A turn that the store blocks ends without an act, and the next one begins: the short default timeout applies.
    const { config, aws, ports, close } = await connect(args, log, {})
    const owner = `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`
    // A monitor that only reports damage needs no engine, nor the right to read its secret.
    const nodes = config.recovery === 'auto' ? config.nodes : config.nodes.map(({ engine: _, ...node }) => node)
    const readers = { env: process.env, parameter: aws.parameter }
    const opened = await openBackfill({ ...config, nodes }, ports, readers)
    const recovery = watchDamage(opened, config.recovery)
    const observed = await serveMonitor(opened, config.metrics)
    log.info('monitor runs', {
      chain: ports.chain.id,
      owner,
      ...(observed.url !== undefined && { metrics: observed.url }),
    })
    try {
      await runMonitor(observed.ports, {
        owner,
        signal: untilInterrupted(),
        onTick: (ticked, active, tookMs) => {
          observed.onTick(ticked, active, tookMs)
          recovery.onTick(ticked, active)
        },
        onFailed: observed.onFailed,
      })
    } finally {
      await observed.close()
      await recovery.close()
      await close()
    }
  },
})
