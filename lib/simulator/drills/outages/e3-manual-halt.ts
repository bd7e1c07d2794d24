import { pause, resume } from '../../../operator/modes.ts'
import type { Drill } from '../drill.ts'

export const e3: Drill = {
  id: 'E3',
  name: 'manual-halt',
  outage: {
    date: '2024-06-02, 2026-06',
    chain: 'Linea, Taiko',
    lasted: '~1 h',
    happened: 'The operators halted their chain on purpose after an exploit.',
    source: 'https://cryptoslate.com/linea-under-scrutiny-for-unilateral-block-production-halt-amid-velocore-hack',
  },
  given: 'an operator pauses Baton and stops the sequencer',
  when: 'monitors are restarted, and the host of the stopped sequencer dies',
  must: 'automation never starts or moves anything, and shows at each turn who paused it',
  beyond: 'a timed reminder is set where the alarm is sent',
  async play(stage, check) {
    const { ports } = stage
    await stage.begin()
    await pause(ports, 'carol')
    await ports.port('ada').stop()
    stage.monitor()
    await stage.slots(6)
    const stood = stage.acknowledged.length
    await stage.node('ada').kill('host')
    await stage.slots(8)
    check('no block was made', stage.acknowledged.length === stood)
    check('no node was granted', (await stage.granted()).length === 0)
    check('Baton reports the pause and its author', stage.reported('paused') && (await stage.paged('paused')))
    await resume(ports, 'carol')
    check('after the resume the chain continues elsewhere', (await stage.takenOver('ada')) === 'bob')
  },
}
