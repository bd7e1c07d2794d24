import type { Step } from '../context.ts'
import { StepFailed } from '../errors.ts'
import { l1ClientStates } from '../machine.ts'
import { readL1State } from '../rollup-manager.ts'
import { until } from '../wait.ts'

export const stopL1Clients: Step = {
  name: 'stop-l1-clients',
  does: () => 'stop what sends batches and proofs to L1',
  checks: ['its units exist, and none is active'],
  interrupted: 'repeat',
  failed: 'resume',
  async run({ l1Host }) {
    await l1Host.run('stop-l1-clients')
    const states = await l1ClientStates(l1Host)
    if (states.every((state) => state === 'inactive' || state === 'failed')) {
      return 'sequence sender and aggregator are stopped'
    }
    throw new StepFailed('what sends batches to L1 still runs', 'Stop it by hand, then run this again with --resume.')
  },
}

export const startL1Clients: Step = {
  name: 'start-l1-clients',
  does: () => 'start what sends batches and proofs to L1',
  checks: ['all its units are active'],
  interrupted: 'repeat',
  failed: 'resume',
  async run({ l1Host }) {
    await l1Host.run('start-l1-clients')
    const states = await l1ClientStates(l1Host)
    if (states.every((state) => state === 'active')) return 'sequence sender and aggregator run'
    throw new StepFailed(`what sends batches to L1 is ${states.join(', ')}`, 'Read its log, then --resume.')
  },
}

export const reachL1: Step = {
  name: 'reach-l1',
  does: ({ keep }) => `wait until L1 has a batch after ${keep.batch} again`,
  checks: ['the last sequenced batch on L1 is above the kept one'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { config, request, l1 } = context
    const remedy = 'Read the log of the sequence sender. The chain itself continues.'
    const what = 'a new batch is on L1'
    return until(context, { what, ms: config.patience.reachL1Ms, since: context.begunAt, remedy }, async () => {
      const { sequenced } = await readL1State(l1, config.l1)
      return sequenced > request.keep.batch ? `L1 has batch ${sequenced}` : undefined
    })
  },
}
