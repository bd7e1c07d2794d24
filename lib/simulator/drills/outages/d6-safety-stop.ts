import { pause, resume } from '../../../operator/modes.ts'
import type { Drill } from '../drill.ts'

export const d6: Drill = {
  id: 'D6',
  name: 'safety-stop',
  outage: {
    date: '2023-12-25',
    chain: 'zkSync Era',
    lasted: '~5 h',
    happened: 'A bug in a state diff tripped a safety stop; the people on call were on holiday.',
    source: 'https://cryptotimes.io/2023/12/26/zksync-suffers-major-outage-for-5-hours-on-christmas-day',
  },
  given: 'a guard of the operator can stop the sequencer and pause Baton',
  when: 'the guard trips',
  must: 'Baton reports it as one halt, starts nothing until a person resumes by name, and then the chain continues',
  beyond: 'who is called, and whom it escalates to, is set where the alarm is sent',
  async play(stage, check) {
    const { ports } = stage
    await stage.begin()
    await pause(ports, 'guard')
    await ports.port('ada').stop()
    check('Baton reports the halt and its author', await stage.within(12, () => stage.reported('paused')))
    check('as a halt', await stage.within(12, () => stage.latest()?.decision.condition === 'halted'))
    const stood = stage.acknowledged.length
    await stage.slots(10)
    check('nothing is started', stage.acknowledged.length === stood)
    await resume(ports, 'carol')
    check('after the resume the chain continues', await stage.blocks(3))
    const resumed = (await stage.history()).find(({ what }) => what === 'resume')
    check('the history names who resumed', resumed?.actor.name === 'carol')
  },
}
