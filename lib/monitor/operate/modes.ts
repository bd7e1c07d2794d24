import { quarantine, setMode } from '../../protocol/control.ts'
import type { Lease, NodeName } from '../../protocol/records.ts'
import type { ChainPorts } from '../ports.ts'
import { changeLease } from './change-lease.ts'

/** Forbids Baton to start, stop or move anything on its own until `resume`; a switchover asked for still runs. */
export function pause(ports: ChainPorts, by: string): Promise<Lease> {
  const at = ports.clock.now()
  return changeLease(ports, { what: 'pause', by, message: 'automatic acts paused' }, (lease) =>
    setMode(lease, 'paused', by, at),
  )
}

/** Allows Baton to act on its own again. */
export function resume(ports: ChainPorts, by: string): Promise<Lease> {
  const at = ports.clock.now()
  return changeLease(ports, { what: 'resume', by, message: 'automatic acts allowed' }, (lease) =>
    setMode(lease, 'auto', by, at),
  )
}

/** Pins sequencing to the node that holds it now: it is restarted, never replaced. */
export function hold(ports: ChainPorts, by: string): Promise<Lease> {
  const at = ports.clock.now()
  return changeLease(ports, { what: 'hold', by, message: 'pinned to the holder' }, (lease) =>
    setMode(lease, 'hold', by, at),
  )
}

/**
 * Takes a node out of eligibility, or puts it back (`why` absent).
 *
 * @param check throws when the lease that would be changed is not as it must be.
 */
export function setQuarantine(
  ports: ChainPorts,
  node: NodeName,
  why: string | undefined,
  by: string,
  check: (lease: Lease) => void = () => {},
): Promise<Lease> {
  const entry = why === undefined ? undefined : { since: ports.clock.now(), why, by }
  const message = why === undefined ? 'put back' : `quarantined: ${why}`
  return changeLease(ports, { what: 'quarantine', by, message, node }, (lease) => {
    check(lease)
    return quarantine(lease, node, entry)
  })
}
