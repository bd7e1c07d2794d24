import type { ChainPorts } from '../../lib/context/ports.ts'
import { adopt } from '../../lib/operator/adopt.ts'
import { hold, pause, resume } from '../../lib/operator/modes.ts'
import { setQuarantine } from '../../lib/operator/quarantine.ts'
import { cancelSwitchover, switchover } from '../../lib/operator/switchover.ts'
import type { L2Block } from '../../lib/protocol/observation.ts'
import type { Lease } from '../../lib/protocol/records.ts'
import type { Effect } from './plan.ts'
import type { World } from './world.ts'

type Order = Extract<Effect, { readonly do: 'operator' }>

/** Lets the operator do something, whatever comes of it. */
export function operate({ operator, journal, referee, acts }: World, order: Order): void {
  const { act, node } = order
  const by = `ann at ${journal.now()} ${++referee.orders}`
  const over = carryOut(operator.ports, order, by).then(
    () => {
      if (act === 'pause' || act === 'resume' || act === 'hold') referee.ordered(by)
      journal.note('operator', () => `${act} ${node}: done`)
      journal.reach(`operator: ${act}`)
    },
    (error: Error) => {
      journal.note('operator', () => `${act} ${node}: ${error.message}`)
      journal.reach(`operator: ${act} failed`)
    },
  )
  acts.push(over)
}

async function carryOut(ports: ChainPorts, { act, node, inMs = 0 }: Order, by: string): Promise<Lease | L2Block> {
  switch (act) {
    case 'pause':
      return pause(ports, by)
    case 'resume':
      return resume(ports, by)
    case 'hold':
      return hold(ports, by)
    case 'switchover':
      return switchover(ports, { to: node, by })
    case 'force-switchover':
      return switchover(ports, { to: node, by, force: true })
    case 'schedule-switchover':
      return switchover(ports, { to: node, by, notBefore: ports.clock.now() + inMs })
    case 'cancel-switchover':
      return cancelSwitchover(ports, by)
    case 'quarantine':
      return setQuarantine(ports, node, 'simulated', by)
    case 'put-back':
      return setQuarantine(ports, node, undefined, by)
    case 'adopt':
      return adopt(ports, { to: node, by })
  }
}
