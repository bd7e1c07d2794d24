import { withHeartbeat } from '../../context/retry.ts'
import type { Recovering } from './ports.ts'
import { refuseUnlessOurs } from './quarantine.ts'

/** Says that the recovery is at work, while `work` is; once others have the node, it begins nothing more. */
export function whileHeard<T>(recovering: Recovering, work: (heard: Recovering) => Promise<T>): Promise<T> {
  return withHeartbeat(
    recovering.ports,
    () => refuseUnlessOurs(recovering),
    (lost) => work({ ...recovering, signal: AbortSignal.any([recovering.signal, lost]) }),
  )
}
